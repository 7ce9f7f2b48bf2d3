package web

import (
	"context"
	"errors"
	"fmt"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/flow"
)

// Table reads a table of a page.
var Table = action.Define(action.Spec{
	Name:    "web.table",
	Effect:  action.Reads,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc: "Reads a table of the page: its header gives the columns, merged cells are filled. Columns that are plainly numbers or dates are read as such; " +
		"ids and leading zeros stay text.",
	DocZH: "读网页上的表格：表头是列名，合并的单元格填满。明显是数字或日期的列按数字、日期读；编号和前面的 0 保留为文本。",
	Says:  action.Sentence{ZH: "读网页[ {url} ]上的表格[（第 {n} 个）]", EN: "Read the table[ number {n}] of the page[ {url}]"},
}, table)

type tableIn struct {
	URL string `arg:"url,positional,optional" doc:"address; the current page when left out" zh:"网址；不写就是当前网页"`
	N   int    `arg:"n,default=1" doc:"which table, from 1" zh:"第几个表格，从 1 数"`
}

func table(c *action.Call, in tableIn) (flow.Table, error) {
	if in.N < 1 {
		return nil, action.Bad("表格从第 1 个数起", "tables are counted from 1")
	}
	var s *session
	var err error
	if in.URL != "" {
		if _, err := open(c, openIn{in.URL}); err != nil {
			return nil, err
		}
	}
	if s, err = resume(c); err != nil {
		return nil, err
	}
	if err := s.fresh(c); err != nil {
		return nil, err
	}
	var grids []grid
	look := func(ctx context.Context) (string, bool, error) {
		if grids, err = s.grids(ctx); err != nil {
			return "", false, err
		}
		if len(grids) >= in.N {
			return "", true, nil
		}
		if len(grids) == 0 {
			return "0", false, action.Missing("网页上没有表格", "the page has no table")
		}
		return fmt.Sprint(len(grids)), false, action.Missing("网页上只有 %d 个表格，没有第 %d 个", "the page has %d tables only; there is no number %d", len(grids), in.N)
	}
	if err := s.settled(c, look); err != nil {
		return nil, explain(err)
	}
	return grids[in.N-1].table(c)
}

// grids is the tables of every frame that a person sees, in order.
func (s *session) grids(ctx context.Context) ([]grid, error) {
	frames, err := s.frames(ctx)
	if err != nil {
		return nil, err
	}
	var out []grid
	for _, f := range frames {
		var part []grid
		if err := s.page.Call(ctx, f.ID, "tables", &part); err != nil {
			if errors.Is(err, browser.ErrGone) && f.Parent != "" {
				continue
			}
			return nil, err
		}
		out = append(out, joined(part)...)
	}
	return out, nil
}
