package cli

import (
	"cmp"
	"runtime/debug"
)

// release is the version a package was made of; the linker sets it.
var release string

// Version is that of this program: of its package, or what the build noted.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return cmp.Or(release, info.Main.Version)
	}
	return cmp.Or(release, "unknown")
}
