# A bank that hangs is ended by the watchdog and comes back with its record.
restarts() { inside systemctl show -P NRestarts bellkeep-bank.service; }
before=$(restarts)
inside systemctl kill -s STOP --kill-who=main bellkeep-bank.service
soon "a bank that hangs is started again" sh -c "test \$(systemctl show -P NRestarts bellkeep-bank.service) -gt $before"
soon "and is at work" systemctl is-active bellkeep-bank.service
