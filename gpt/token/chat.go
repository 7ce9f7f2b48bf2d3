package token

// placeholder
import "errors"

var _ = errors.New
