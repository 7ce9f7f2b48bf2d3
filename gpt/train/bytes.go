package train

import (
	"bufio"

	"daiban/gpt/weights"
)

// writeBytes is weights.WriteFile of a text.
func writeBytes(path string, text []byte) error {
	return weights.WriteFile(path, func(w *bufio.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
