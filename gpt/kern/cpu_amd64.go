package kern

import "golang.org/x/sys/cpu"

// supported is the highest level that processor and operating system allow.
func supported() Level {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasF16C:
		return Plain
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512DQ || !x.HasAVX512VL || !x.HasAVX512VNNI:
		return AVX2
	}
	return AVX512
}
