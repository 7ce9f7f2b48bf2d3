// Package chrome starts Chromium for the peers and for looking at pages: headless, with a fresh profile.
// The program under test is not touched by it.
package chrome

import (
	"context"
	"time"

	"github.com/chromedp/chromedp"
)

// Step is an action that gives nothing.
type Step = chromedp.Action[chromedp.Void]

// Open starts a browser that lives at most limit; the second result ends it.
func Open(limit time.Duration) (context.Context, context.CancelFunc) {
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true))
	ctx, stop := context.WithTimeout(context.Background(), limit)
	ctx, end := chromedp.NewExecAllocator(ctx, opts...)
	ctx, shut := chromedp.NewContext(ctx)
	return ctx, func() { shut(); end(); stop() }
}

// Until waits until an expression of the page is true.
func Until(expression string) Step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Poll[bool]("!!("+expression+")")(ctx, t)
		return chromedp.Void{}, err
	}
}

// Script runs code in the page.
func Script(code string) Step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[bool](code+"; true")(ctx, t)
		return chromedp.Void{}, err
	}
}
