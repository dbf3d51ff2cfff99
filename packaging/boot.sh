#!/bin/sh
# Becomes the first process of the Debian in a folder. Called by try.sh in fresh
# namespaces: nothing mounted here outlives it or is seen by anybody else.
set -e
root=$1

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for node in null zero full random urandom tty; do
  touch "$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
touch "$root/dev/console"

cgroup=$root/sys/fs/cgroup
if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
  mount -t cgroup2 cgroup2 "$cgroup"
else
  mount -t tmpfs tmpfs "$cgroup"
  mkdir "$cgroup/systemd" "$cgroup/devices"
  mount -t cgroup -o none,name=systemd cgroup "$cgroup/systemd"
  mount -t cgroup -o devices cgroup "$cgroup/devices" || rmdir "$cgroup/devices"
fi

# What a namespace does not hold back: it must not touch the machine around it.
export container=bellkeep-try
exec setpriv --bounding-set=-sys_time,-sys_module,-sys_boot,-sys_rawio,-mknod chroot "$root" /lib/systemd/systemd --log-target=journal --show-status=0 </dev/null
