// Package sql declares the actions on databases, as named in the settings.
package sql

import (
	"daiban/action"
	"daiban/flow"
)

// All is the family, in the catalogue's order.
var All = action.Set{Table, Query, Insert, Update, Delete, Run}

// Table reads a table.
var Table = action.Later[tableIn, flow.Table](action.Spec{
	Name:   "sql.table",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads a table of a database, as one SELECT with parameters.",
	DocZH:  "读数据库的表，是一条带参数的 SELECT。",
	Says:   action.Sentence{ZH: "读数据库 {database} 的表 {table}[，满足 {where}][，只要列 {columns}]", EN: "Read the table {table} of {database}[ where {where}][, columns {columns}]"},
})

type tableIn struct {
	Database string          `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Table    string          `arg:"table,positional" doc:"name of the table" zh:"表名"`
	Where    action.Expr     `arg:"where,optional" doc:"which rows" zh:"哪些行"`
	Columns  []action.Column `arg:"columns,optional" doc:"which columns; all when left out" zh:"哪些列；不写就是全部"`
}

// Query runs a query.
var Query = action.Later[queryIn, flow.Table](action.Spec{
	Name:   "sql.query",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Runs a query that stands in the request.",
	DocZH:  "运行需求里写出的查询。",
	Says:   action.Sentence{ZH: "在数据库 {database} 查询：{query}[，参数 {args}]", EN: "Query {database}: {query}[ with {args}]"},
})

type queryIn struct {
	Database string       `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Query    string       `arg:"query,positional,raw" doc:"the SELECT" zh:"SELECT 语句"`
	Args     []flow.Value `arg:"args,optional" doc:"its parameters" zh:"参数"`
}

// Insert inserts rows.
var Insert = action.Later[insertIn, int](action.Spec{
	Name:   "sql.insert",
	Effect: action.Sends,
	Again:  action.Keyed,
	Doc:    "Inserts rows, once: a marker row goes into the same transaction.",
	DocZH:  "插入行，只做一次：标记行在同一事务里。",
	Says:   action.Sentence{ZH: "把 {rows} 插入数据库 {database} 的表 {into}", EN: "Insert {rows} into {into} of {database}"},
})

type insertIn struct {
	Database string      `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Into     string      `arg:"into" doc:"name of the table" zh:"表名"`
	Rows     action.Rows `arg:"rows" doc:"the rows" zh:"行"`
}

// Update changes rows.
var Update = action.Later[updateIn, int](action.Spec{
	Name:   "sql.update",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Changes the rows that fit, and says how many.",
	DocZH:  "改符合条件的行，返回行数。",
	Says:   action.Sentence{ZH: "在数据库 {database} 的表 {table} 里，把满足 {where} 的行改为 {set}", EN: "In {table} of {database}, set {set} where {where}"},
})

type updateIn struct {
	Database string      `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Table    string      `arg:"table,positional" doc:"name of the table" zh:"表名"`
	Set      *flow.Row   `arg:"set" doc:"column and new value" zh:"列和新值"`
	Where    action.Expr `arg:"where" doc:"which rows" zh:"哪些行"`
}

// Delete deletes rows.
var Delete = action.Later[deleteIn, int](action.Spec{
	Name:   "sql.delete",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Deletes the rows that fit, and says how many.",
	DocZH:  "删除符合条件的行，返回行数。",
	Says:   action.Sentence{ZH: "删除数据库 {database} 的表 {table} 里满足 {where} 的行", EN: "Delete from {table} of {database} where {where}"},
})

type deleteIn struct {
	Database string      `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Table    string      `arg:"table,positional" doc:"name of the table" zh:"表名"`
	Where    action.Expr `arg:"where" doc:"which rows" zh:"哪些行"`
}

// Run runs a statement.
var Run = action.Later[runIn, int](action.Spec{
	Name:   "sql.run",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Runs a statement that stands in the request, and says how many rows it changed.",
	DocZH:  "运行需求里写出的语句，返回改动的行数。",
	Says:   action.Sentence{ZH: "在数据库 {database} 执行：{statement}[，参数 {args}]", EN: "Run on {database}: {statement}[ with {args}]"},
})

type runIn struct {
	Database  string       `arg:"database,positional" doc:"name of the database" zh:"数据库的名称"`
	Statement string       `arg:"statement,positional,raw" doc:"the statement" zh:"语句"`
	Args      []flow.Value `arg:"args,optional" doc:"its parameters" zh:"参数"`
}
