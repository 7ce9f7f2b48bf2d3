package main

import (
	"context"
	"fmt"
	"regexp"
	"sync"

	"daiban/actions"
	"daiban/check"
	"daiban/data"
	"daiban/flow"
	"daiban/plan"
)

// broken is what the checker says of a flow that the grammar should have made impossible.
var broken = regexp.MustCompile(`there is no action|has no argument|arguments? without a name|there is no function|is not defined|there is no (name|variable)|is not known here|reserved|must stand|no schedule|no such zone|given twice|not a duration|cannot be assigned|stands alone`)

// draw writes many flows by chance, and counts those that do not parse, name what does not exist, or came to no end.
func (b *bench) draw(ctx context.Context, pairs []data.Pair) error {
	p, err := b.local()
	if err != nil {
		return err
	}
	if p.Grammar == nil {
		return fmt.Errorf("-decode draws under the grammar: leave -free out")
	}
	set := actions.All()
	const together = 6
	var mu sync.Mutex
	var wg sync.WaitGroup
	failed := error(nil)
	whole, endless, bad := 0, 0, 0
	next := make(chan int)
	for range together {
		wg.Go(func() {
			for i := range next {
				text, err := p.Sample(ctx, plan.Request{Text: pairs[i%len(pairs)].Request}, 1, uint64(i))
				wrong := ""
				if err == nil && text != "" {
					wrong = violation(text, check.Env{Actions: set, Static: true, Lang: "en"})
				}
				mu.Lock()
				switch {
				case err != nil:
					failed = err
				case text == "":
					endless++
				case wrong != "":
					bad++
					fmt.Printf("%s\n%s  %s\n", pairs[i%len(pairs)].Request, text, wrong)
				default:
					whole++
				}
				mu.Unlock()
			}
		})
	}
	for i := range b.decode {
		next <- i
	}
	close(next)
	wg.Wait()
	if failed != nil {
		return failed
	}
	fmt.Printf("%d flows drawn at temperature 1 from %d requests: %d parse and name only what exists, %d do not, %d came to no end within the bound of tokens and lines\n", b.decode, len(pairs), whole, bad, endless)
	return nil
}

// violation is what in a flow breaks the grammar's promise, or "".
func violation(text string, env check.Env) string {
	if _, err := flow.Parse(text); err != nil {
		return err.Error()
	}
	for _, x := range check.Check(text, env).Findings {
		if x.Level == check.Error && broken.MatchString(x.Text) {
			return fmt.Sprintf("line %d: %s", x.Line, x.Text)
		}
	}
	return ""
}
