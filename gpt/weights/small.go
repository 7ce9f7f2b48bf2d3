package weights

import (
	"bytes"
	"fmt"
	"io"
)

// ReadSmall reads one of the texts that lie beside the weights (config.json, a tokenizer): a
// regular file of at most max bytes. A pipe or a device is not waited for.
func ReadSmall(path string, max int64) ([]byte, error) {
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > max {
		return nil, fmt.Errorf("%s: %d bytes, where no such file has more than %d", path, info.Size(), max)
	}
	data := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(file, max)); err != nil { // it may grow meanwhile
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data.Bytes(), nil
}
