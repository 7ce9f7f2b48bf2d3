package weights

// Bytes is the whole file: a read-only view that lives until Close.
func (m Mapping) Bytes() []byte { return m.data }
