package linux

// videoInterface reports whether the raw descriptors of a USB device, as sysfs
// gives them in the file descriptors, describe a video interface. They are a chain
// in which each begins with its length in bytes and its type; an interface's has
// the type 4 and its class in byte 5 (USB 2.0, section 9.6.5), and video is class
// 14 (USB Device Class Definition for Video Devices 1.5, appendix A.1).
//
// They are there whether or not the device is authorised, unlike its interfaces
// and drivers.
func videoInterface(descriptors []byte) bool {
	const (
		interfaceType = 4
		classAt       = 5
		videoClass    = 14
	)
	for d := descriptors; len(d) >= 2 && d[0] >= 2 && int(d[0]) <= len(d); d = d[d[0]:] {
		if d[1] == interfaceType && d[0] > classAt && d[classAt] == videoClass {
			return true
		}
	}
	return false
}

// maxDescriptors is the most of a descriptors file that is read, in bytes.
const maxDescriptors = 64 << 10
