package phrasebook

import (
	"errors"
	"slices"
	"strings"
)

// modifiers are ops that say more about an op beside them, and what they are about.
var modifiers = map[string]map[string]bool{
	"subject":   set("mailto", "mailcol", "mailme"),
	"body":      set("mailto", "mailcol", "mailme", "chat", "reply"),
	"cc":        set("mailto", "mailcol", "mailme"),
	"afterok":   set("approve"),
	"tocol":     set("mailcol"),
	"attach":    set("mailto", "mailcol", "mailme", "reply", "chat"),
	"errors":    set("each"),
	"parallel":  set("each"),
	"key":       set("each", "queueadd"),
	"words":     set("summarize"),
	"sheet":     set("save", "append"),
	"sheetof":   set("src"),
	"kind":      set("chart"),
	"axes":      set("chart"),
	"title":     set("chart"),
	"titled":    set("chart", "mailto", "mailcol", "mailme"),
	"copies":    set("print"),
	"printer":   set("print"),
	"desc":      set("sort"),
	"pattern":   set("list", "attachments", "whenfile"),
	"deep":      set("list"),
	"unread":    set("mails"),
	"since":     set("mails"),
	"subj":      set("mails", "whenmail"),
	"listwhere": set("list"),
	"agg":       set("group"),
	"expect":    set("click"),
	"formname":  set("fill", "fillrow"),
	"account":   set("login", "httpget", "httppost"),
	"query":     set("httpget"),
	"allpages":  set("httpget"),
	"postform":  set("httppost"),
	"sqlargs":   set("sqlquery", "sqlrun"),
	"docto":     set("docfill"),
	"how":       set("join"),
	"fields":    set("pdfread", "extract"),
	"decimals":  set("column"),
}

// retried are the ops that a "retry three times" said before them may be about.
var retried = set("httppost", "httpget", "httpdl", "mailto", "mailme", "chat", "shell", "click", "download", "sqlinsert")

// outward are the ops that send or change something that an approval guards.
var outward = set("mailto", "mailcol", "mailme", "chat", "reply", "delete", "httppost", "sqlupdate", "sqldelete", "sqlinsert", "print", "move", "shell", "click", "sqlrun")

// sources are the ops that bring data.
var sources = set("src", "list", "mails", "sqltable", "sqlquery", "httpget", "webtable")

// arrange puts ops into the order of the data: triggers first, modifiers into what
// they are about, an approval before what it guards, a source before what needs it.
func arrange(ops []op) ([]op, error) {
	ops = cloneOps(ops)
	for i, o := range ops {
		if q := strings.ToLower(o.args["query"].s); o.name == "sqlquery" && !strings.HasPrefix(q, "select") && !strings.HasPrefix(q, "with") {
			ops[i].name = "sqlrun"
		}
	}
	var err error
	ops = mergeAlike(mergeSorts(ops))
	if ops, err = mergeModifiers(ops); err != nil {
		return nil, err
	}
	ops = shapeFirst(ops)
	ops = moveApprovals(ops)
	for i := 1; i < len(ops); i++ { // the first ten, by amount: sorted before they are cut off
		if ops[i].name == "sort" && ops[i-1].name == "top" && !ops[i-1].has("by") {
			ops[i], ops[i-1] = ops[i-1], ops[i]
		}
	}
	var first, rest []op
	for _, o := range ops {
		if triggers[o.name] {
			first = append(first, o)
		} else {
			rest = append(rest, o)
		}
	}
	if len(first) > 1 {
		return nil, errors.New("two triggers")
	}
	return append(first, sourceFirst(rest, len(first) == 1 && first[0].name != "every")...), nil
}

var triggers = set("every", "whenfile", "whenmail", "whenhook", "whenqueue")

func cloneOps(ops []op) []op {
	out := make([]op, len(ops))
	for i, o := range ops {
		a := make(map[string]value, len(o.args))
		for k, v := range o.args {
			a[k] = v
		}
		out[i] = op{o.name, a}
	}
	return out
}

func mergeModifiers(ops []op) ([]op, error) {
	gone := make([]bool, len(ops))
	for i, o := range ops {
		var target *op
		if about, ok := modifiers[o.name]; ok {
			target = nearest(ops, i, func(x op) bool { return about[x.name] && !clash(x, o) })
		} else if o.name == "retry" || o.name == "timeout" {
			target = nearest(ops[:i+1], i, func(x op) bool {
				return modifiers[x.name] == nil && !sources[x.name] && !triggers[x.name] || x.name == "httpget" || len(ops) == 2
			})
			if target == nil { // said first
				target = nearest(ops, i, func(x op) bool { return retried[x.name] })
			}
		} else {
			continue
		}
		if target == nil {
			return nil, errors.New(o.name + " belongs to nothing")
		}
		for k, v := range o.args {
			if o.name == "titled" && target.name != "chart" {
				k = "subject"
			}
			target.args[k] = v
		}
		gone[i] = true
	}
	var out []op
	for i, o := range ops {
		if !gone[i] {
			out = append(out, o)
		}
	}
	return out, nil
}

// clash reports whether x already has what o says.
func clash(x, o op) bool {
	for k := range o.args {
		if x.has(k) {
			return true
		}
	}
	return false
}

// nearest is the closest op before i that fits, else the closest after it.
func nearest(ops []op, i int, fits func(op) bool) *op {
	for j := i - 1; j >= 0; j-- {
		if fits(ops[j]) {
			return &ops[j]
		}
	}
	for j := i + 1; j < len(ops); j++ {
		if fits(ops[j]) {
			return &ops[j]
		}
	}
	return nil
}

// moveApprovals puts an approval that is said after its effect before it.
func moveApprovals(ops []op) []op {
	for i, o := range ops {
		if o.name != "approve" || !o.has("before") || i == 0 {
			continue
		}
		later := slices.ContainsFunc(ops[i+1:], func(x op) bool { return outward[x.name] })
		for j := i - 1; j >= 0 && !later; j-- {
			if outward[ops[j].name] {
				ops = slices.Delete(ops, i, i+1)
				return slices.Insert(ops, j, o)
			}
		}
	}
	return ops
}

// sourceFirst moves the only source of the data in front where something needs it earlier.
func sourceFirst(ops []op, event bool) []op {
	at := slices.IndexFunc(ops, func(o op) bool { return sources[o.name] })
	if at <= 0 || event {
		return ops
	}
	for _, o := range ops[:at] {
		if needsData[o.name] {
			src := ops[at]
			ops = slices.Delete(ops, at, at+1)
			return slices.Insert(ops, 0, src)
		}
	}
	return ops
}

// needsData are the ops that make no sense before there is something to work on.
var needsData = set("filter", "sort", "top", "group", "unique", "pick", "column", "split", "pivot", "total", "count", "save", "append", "each", "chart", "zip", "copy", "move", "delete", "rename", "topdf", "pdfread", "pdftext", "pdftables", "merge", "stamp", "summarize", "translate", "extract", "classify", "unzip", "ocr", "decide", "pdfsplit")

// mergeSorts makes one sort of "by A ascending, then by B descending".
func mergeSorts(ops []op) []op {
	var out []op
	for i, o := range ops {
		n := len(out) - 1
		if o.name != "sort" || n < 0 || out[n].name != "sort" || !o.has("by") || !out[n].has("by") {
			out = append(out, o)
			continue
		}
		if i+1 < len(ops) && ops[i+1].name == "desc" { // of the last one only
			o.args["desc"] = value{kind: wordValue, s: "yes"}
		}
		falls := append(falling(out[n]), falling(o)...)
		out[n].args["by"] = value{kind: listValue, list: append(slices.Clone(out[n].args["by"].each()), o.args["by"].each()...)}
		delete(out[n].args, "desc")
		if len(falls) > 0 {
			out[n].args["desc"] = value{kind: listValue, list: falls}
		}
	}
	return out
}

// falling is the columns that a sort puts in descending order.
func falling(o op) []value {
	switch d := o.args["desc"]; d.kind {
	case noValue:
		return nil
	case listValue:
		return slices.Clone(d.list)
	}
	return slices.Clone(o.args["by"].each())
}

// mergeAlike joins neighbours that say one thing in several words.
func mergeAlike(ops []op) []op {
	var out []op
	for _, o := range ops {
		if n := len(out) - 1; n >= 0 && out[n].name == o.name && (o.name == "group" || o.name == "mails" || o.name == "shot" && !out[n].has("to")) && joinable(out[n], o) {
			for k, v := range o.args {
				out[n].args[k] = v
			}
			continue
		}
		out = append(out, o)
	}
	return out
}

// joinable reports whether two ops say different things about the same.
func joinable(a, b op) bool {
	if a.name == "group" && a.has("by") && b.has("by") {
		return false
	}
	for k, v := range b.args {
		if a.has(k) && a.args[k].key() != v.key() {
			return false
		}
	}
	return true
}

// shapeFirst moves what is said of the table after it is saved ("save as b.csv, only
// the columns …") before the saving, when nothing is saved later.
func shapeFirst(ops []op) []op {
	for i := 1; i < len(ops); i++ {
		o := ops[i]
		if o.name != "pick" && o.name != "sort" && o.name != "top" {
			continue
		}
		k := i
		for k > 0 && (ops[k-1].name == "save" || ops[k-1].name == "merge" && tableExts[ext(ops[k-1].args["to"].s)] || ops[k-1].name == "append" || outward[ops[k-1].name]) {
			k--
		}
		saves := slices.ContainsFunc(ops[i+1:], func(x op) bool { return x.name == "save" || x.name == "append" || outward[x.name] || x.name == "chart" })
		if k < i && k > 0 && !saves {
			ops = slices.Insert(slices.Delete(ops, i, i+1), k, o)
		}
	}
	return ops
}
