package weights

import "math"

func (f *File) value(key string) any {
	if f == nil {
		return nil
	}
	return f.Meta[key]
}

// Int returns the metadata of a key as an int; false where it is absent, no
// integer, or too large.
func (f *File) Int(key string) (int, bool) {
	switch v := f.value(key).(type) {
	case uint8:
		return int(v), true
	case int8:
		return int(v), true
	case uint16:
		return int(v), true
	case int16:
		return int(v), true
	case uint32:
		return int(v), uint64(v) <= math.MaxInt
	case int32:
		return int(v), true
	case uint64:
		return int(v), v <= math.MaxInt
	case int64:
		return int(v), v >= math.MinInt && v <= math.MaxInt
	}
	return 0, false
}

// Float returns the metadata of a key as a float64; an integer counts.
func (f *File) Float(key string) (float64, bool) {
	switch v := f.value(key).(type) {
	case float32:
		return float64(v), true
	case float64:
		return v, true
	}
	n, ok := f.Int(key)
	return float64(n), ok
}

// String returns the metadata of a key where it is a string.
func (f *File) String(key string) (string, bool) {
	v, ok := f.value(key).(string)
	return v, ok
}

// Bool returns the metadata of a key where it is a bool.
func (f *File) Bool(key string) (value, ok bool) {
	value, ok = f.value(key).(bool)
	return value, ok
}

// Strings returns the metadata of a key where it is an array of strings. The
// strings are views that live until Close.
func (f *File) Strings(key string) ([]string, bool) {
	v, ok := f.value(key).([]string)
	return v, ok
}

// Ints returns the metadata of a key where it is an array of integers of any size,
// or one integer.
func (f *File) Ints(key string) ([]int, bool) {
	switch v := f.value(key).(type) {
	case []uint8:
		return ints(v), true
	case []int8:
		return ints(v), true
	case []uint16:
		return ints(v), true
	case []int16:
		return ints(v), true
	case []uint32:
		return ints(v), true
	case []int32:
		return ints(v), true
	case []uint64:
		return ints(v), true
	case []int64:
		return ints(v), true
	}
	if n, ok := f.Int(key); ok {
		return []int{n}, true
	}
	return nil, false
}

// Floats returns the metadata of a key where it is an array of floats.
func (f *File) Floats(key string) ([]float32, bool) {
	switch v := f.value(key).(type) {
	case []float32:
		return v, true
	case []float64:
		out := make([]float32, len(v))
		for i, x := range v {
			out[i] = float32(x)
		}
		return out, true
	}
	return nil, false
}

type integer interface {
	uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64
}

func ints[T integer](v []T) []int {
	out := make([]int, len(v))
	for i, n := range v {
		out[i] = int(n)
	}
	return out
}
