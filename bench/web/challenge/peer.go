package main

import (
	"time"

	"daiban/bench/web/chrome"

	"github.com/chromedp/chromedp"
)

// script is what someone writes by hand for the page whose ids never change: with typed, keys are sent as a person
// types them, else the values are set.
func script(s *site, rows []map[string]string, typed bool) error {
	ctx, stop := chrome.Open(2 * time.Minute)
	defer stop()
	todo := []chrome.Step{
		chromedp.Navigate(s.addr),
		chromedp.WaitVisible(chromedp.CSS("#first")),
		chrome.Script(used), // Start draws the form anew
		chromedp.Click(chromedp.CSS("#go")),
		chromedp.WaitVisible(chromedp.CSS("#go[disabled]")),
	}
	enter := chromedp.SetValue[chromedp.CSS]
	if typed {
		enter = chromedp.SendKeys[chromedp.CSS]
	}
	for i, row := range rows {
		todo = append(todo, chrome.Until(pristine))
		for _, k := range keys {
			todo = append(todo, enter(chromedp.CSS("#"+k), row[k]))
		}
		todo = append(todo, chrome.Script(used),
			chromedp.Click(chromedp.CSS("#f [type=submit]")))
		if i == len(rows)-1 {
			todo = append(todo, chrome.Until("document.getElementById('score').textContent != ''"))
		}
	}
	return chromedp.Do(ctx, todo...)
}

// used marks the fields that stand there.
const used = "document.querySelectorAll('#f input').forEach(i => i.used = 1)"

// pristine holds of a form whose fields are new since the last submission.
const pristine = "(() => { let i = document.querySelector('#first'); return !!i && !i.used })()"
