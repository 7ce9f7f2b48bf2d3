// Package known is the phrasebook as the program has it.
package known

import (
	"daiban/data"
	"daiban/plan/phrasebook"
)

// Book is the phrasebook that knows all pairs.
func Book() (*phrasebook.Book, error) {
	all, err := data.Pairs()
	if err != nil {
		return nil, err
	}
	pairs := make([]phrasebook.Pair, len(all))
	for i, p := range all {
		pairs[i] = phrasebook.Pair(p)
	}
	return phrasebook.New(pairs)
}
