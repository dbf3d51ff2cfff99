module github.com/bellkeep/bellkeep/appliance/tools

go 1.26

require github.com/gokrazy/tools v0.0.0-20260109180632-8ed49b4fafc7
