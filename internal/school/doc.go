// Package school is the ground under lockers and devices: people's badges, the
// school day as data, and moments in time. It is pure: standard library only,
// no clock, no file, no network.
package school
