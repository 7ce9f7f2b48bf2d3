package table

import (
	"math"
	"path"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/actions/table/internal/plot"
	"daiban/flow"
)

// Chart draws a chart.
var Chart = action.Define(action.Spec{
	Name:   "table.chart",
	Effect: action.Writes,
	Again:  action.Same,
	Doc: "Draws a bar, line or pie chart as png, jpg or svg, by the name's extension. Labels come in the order of the rows; those that repeat are added up. " +
		"A line over dates goes from early to late, true to scale. A pie takes one column without negative numbers; it goes from large to small, small slices together.",
	DocZH: "画柱状图（bar）、折线图（line）或饼图（pie），按扩展名存成 png、jpg 或 svg。横轴按行的顺序，相同的合计在一起。" +
		"横轴是日期的折线图从早到晚，按时间比例。饼图只能有一列且没有负数，从大到小排，小的合成“其他”。",
	Says: action.Sentence{
		ZH: "用 {table} 画图（{kind}）：横轴 {x}，数值 {y}[，标题“{title}”]，存到 {to}",
		EN: "Draw a {kind} chart of {y} by {x} from {table}[, titled “{title}”], to {to}",
	},
}, chart)

type chartIn struct {
	Table flow.Table      `arg:"table,positional" doc:"the table" zh:"表"`
	Kind  string          `arg:"kind,choices=bar|line|pie" doc:"bar, line or pie" zh:"bar 柱状图，line 折线图，pie 饼图"`
	X     action.Column   `arg:"x,of=table" doc:"the column of labels" zh:"作横轴（或各块名称）的列"`
	Y     []action.Column `arg:"y,of=table" doc:"the columns of values" zh:"作数值的列"`
	To    action.Path     `arg:"to,out" doc:"the picture: png, jpg or svg" zh:"图片文件：png、jpg 或 svg"`
	Title string          `arg:"title,optional" doc:"the title above the chart" zh:"图上方的标题"`
}

// Bounds of what a chart shows.
const (
	barsMax   = 1000
	pointsMax = 100000
	seriesMax = 20
)

func chart(c *action.Call, in chartIn) (action.Path, error) {
	if !slices.Contains([]string{plot.Bar, plot.Line, plot.Pie}, in.Kind) {
		return "", action.Bad("没有“%s”这种图，可以用 bar（柱）、line（线）、pie（饼）", "there is no chart “%s”; there are bar, line and pie", in.Kind)
	}
	to, err := paths.Target(c.Files, string(in.To), "chart.png")
	if err != nil {
		return "", err
	}
	ext := strings.ToLower(path.Ext(to))
	if !slices.Contains(plot.Formats, ext) {
		return "", action.Bad("图不能存成“%s”；扩展名可以是 png、jpg、svg", "a chart cannot be “%s”; the extension can be png, jpg or svg", path.Base(to))
	}
	ch, err := chartOf(c, in)
	if err != nil {
		return "", err
	}
	w, err := c.Files.Create(to)
	if err != nil {
		return "", err
	}
	if err := plot.Write(w, ch, ext); err != nil {
		w.Abort()
		return "", err
	}
	return action.Path(to), w.Close()
}

// chartOf gathers what is drawn.
func chartOf(c *action.Call, in chartIn) (*plot.Chart, error) {
	x, err := place(in.Table, string(in.X))
	if err != nil {
		return nil, err
	}
	ys, err := places(in.Table, in.Y)
	if err != nil {
		return nil, err
	}
	switch {
	case len(ys) == 0:
		return nil, action.Bad("没有写用哪一列作数值", "no column of values is named")
	case in.Kind == plot.Pie && len(ys) > 1:
		return nil, action.Bad("饼图只能用一列数值，这里写了 %d 列", "a pie takes one column of values, not %d", len(ys))
	case len(ys) > seriesMax:
		return nil, action.Limit("一张图最多 %d 列数值", "a chart takes at most %d columns of values", seriesMax)
	}
	var figures []figure
	for _, i := range ys {
		figures = append(figures, figure{"sum", i})
	}
	g := newGrouper(in.Table.Columns(), []int{x}, figures)
	if err := each(c, in.Table, g.add); err != nil {
		return nil, err
	}
	if err := checkChart(g, in); err != nil {
		return nil, err
	}
	if len(g.rows) < in.Table.Len() {
		note(c, "info", "“%s”有重复的值，图上把它们合计在一起", "“%s” repeats; the chart adds equal ones up", g.cols[x].Name)
	}
	ch := &plot.Chart{Kind: in.Kind, Title: strings.TrimSpace(in.Title), Lang: c.Lang}
	order := dateOrder(g, in.Kind)
	for _, i := range order {
		ch.Labels = append(ch.Labels, chartLabel(c.Lang, &g.firsts[i]))
		if k := g.firsts[i].Kind(); in.Kind == plot.Line && (k == flow.DateKind || k == flow.TimeKind) {
			ch.Times = append(ch.Times, g.firsts[i].Time())
		}
	}
	if len(ch.Times) != len(ch.Labels) {
		ch.Times = nil
	}
	if in.Kind != plot.Pie {
		ch.X = g.cols[x].Name
	}
	for j, f := range figures {
		ch.Series = append(ch.Series, seriesOf(g, j, g.cols[f.at].Name, order))
	}
	return ch, nil
}

func checkChart(g *grouper, in chartIn) error {
	switch {
	case len(g.rows) == 0:
		return action.Bad("表是空的，没有可画的", "the table is empty: there is nothing to draw")
	case in.Kind == plot.Bar && len(g.rows) > barsMax:
		return action.Limit("有 %d 根柱子，太多了（最多 %d 根）；先汇总或取前几名", "%d bars are too many (at most %d); group the rows or take the top ones", len(g.rows), barsMax)
	case len(g.rows) > pointsMax:
		return action.Limit("有 %d 个点，太多了（最多 %d 个）；先汇总", "%d points are too many (at most %d); group the rows first", len(g.rows), pointsMax)
	case in.Kind != plot.Pie:
		return nil
	}
	positive := false
	for i, t := range g.tallies {
		if t.sum.Sign() < 0 {
			return action.Bad("饼图不能有负数：“%s”是 %s", "a pie cannot show negative numbers: “%s” is %s", label("zh", &g.firsts[i]), t.sum)
		}
		positive = positive || t.sum.Sign() > 0
	}
	if !positive {
		return action.Bad("饼图的数值全是 0 或空", "all values of the pie are 0 or empty")
	}
	return nil
}

// dateOrder is the groups in their order; from early to late for a line over dates.
func dateOrder(g *grouper, kind string) []int {
	order := make([]int, len(g.rows))
	dates := kind == plot.Line
	for i := range order {
		order[i] = i
		k := g.firsts[i].Kind()
		dates = dates && (k == flow.DateKind || k == flow.TimeKind)
	}
	if dates {
		slices.SortStableFunc(order, func(a, b int) int { return g.firsts[a].Time().Compare(g.firsts[b].Time()) })
	}
	return order
}

func chartLabel(lang string, v *flow.Value) string {
	s := strings.Join(strings.Fields(label(lang, v)), " ")
	if v.Kind() == flow.NumberKind && v.Number().Scale() > 6 {
		s = trimZeros(v.Number().Round(6)).String()
	}
	return s
}

// chartDecimals is the most decimals that a value on a chart has.
const chartDecimals = 2

func seriesOf(g *grouper, j int, name string, order []int) plot.Series {
	s := plot.Series{Name: name}
	nf := len(g.figures)
	for _, i := range order {
		t := &g.tallies[i*nf+j]
		if t.n == 0 {
			s.Values, s.Texts = append(s.Values, math.NaN()), append(s.Texts, "")
			continue
		}
		x := trimZeros(t.sum)
		s.Values = append(s.Values, x.Float64())
		if x.Abs().Cmp(flow.Int(1)) >= 0 {
			x = trimZeros(x.Round(chartDecimals))
		} else {
			x = trimZeros(x.Round(4))
		}
		s.Texts = append(s.Texts, plot.Thousands(x.String()))
	}
	return s
}
