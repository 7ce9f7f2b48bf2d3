package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// sumsFlow and sumsPy do the same.
const sumsFlow = `rows = table.read("orders.csv")
large = table.filter(rows, where=amount > 500 and status == "paid")
sums = table.group(large, by=["region", "product"], sum=["amount"], count=True)
table.save(sums, to="sums_daiban.csv")
`

const sumsPy = `import sys, pandas as pd
dir = sys.argv[1]
rows = pd.read_csv(dir + "/orders.csv")
large = rows[(rows["amount"] > 500) & (rows["status"] == "paid")]
sums = large.groupby(["region", "product"]).agg(amount=("amount", "sum"), count=("amount", "size")).reset_index()
sums.to_csv(dir + "/sums_pandas.csv", index=False)
`

// xlsxPy reads and writes by openpyxl as its documentation shows it, plain and streaming.
const xlsxPy = `import csv, datetime, sys, time
from openpyxl import Workbook, load_workbook
op, dir = sys.argv[1], sys.argv[2]

def cells(r):
    return [r[0], datetime.datetime.strptime(r[1], "%Y-%m-%d"), r[2], r[3], r[4], int(r[5]), float(r[6]), float(r[7]), r[8], r[9]]

if op.startswith("write"):
    rows = list(csv.reader(open(dir + "/orders_xlsx.csv", encoding="utf-8-sig")))
    rows = rows[:1] + [cells(r) for r in rows[1:]]
    start = time.perf_counter()
    book = Workbook(write_only=op == "write_only")
    sheet = book.create_sheet() if op == "write_only" else book.active
    for r in rows:
        sheet.append(r)
    book.save(dir + "/orders_openpyxl.xlsx")
else:
    start = time.perf_counter()
    book = load_workbook(dir + "/orders.xlsx", read_only=op == "read_only")
    rows = [r for r in book.active.iter_rows(values_only=True)]
    assert len(rows) > 1 and len(rows[1]) == 10
print(time.perf_counter() - start)
`

// makeData writes the scripts, the csv files and a workbook.
func makeData() error {
	for name, text := range map[string]string{"sums.flow": sumsFlow, "sums.py": sumsPy, "xlsx.py": xlsxPy} {
		if err := os.WriteFile(filepath.Join(*cache, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	if err := makeCSV("orders.csv", *csvRows); err != nil {
		return err
	}
	if err := makeCSV("orders_xlsx.csv", *xlsxRows); err != nil {
		return err
	}
	_, err := runOp("write", *cache)
	return err
}

var (
	regions  = []string{"East", "华北", "South", "西南"}
	statuses = []string{"paid", "open", "late"}
)

// makeCSV writes n orders, the same ones each time.
func makeCSV(name string, n int) error {
	f, err := os.Create(filepath.Join(*cache, name))
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	fmt.Fprintln(w, "order_id,date,region,customer,product,quantity,price,amount,status,note")
	for i := range n {
		quantity, price := 1+r.IntN(20), 100+r.IntN(100000)
		amount := quantity * price
		fmt.Fprintf(w, "SO%08d,2026-%02d-%02d,%s,客户%d,P-%d,%d,%d.%02d,%d.%02d,%s,%s\n", i, 1+r.IntN(12), 1+r.IntN(28), regions[r.IntN(4)], r.IntN(5000), r.IntN(900),
			quantity, price/100, price%100, amount/100, amount%100, statuses[r.IntN(3)], []string{"", "急", "call first"}[r.IntN(3)])
	}
	return w.Flush()
}

// sameSums checks that both ways gave the same groups and, to the cent, the same sums.
func sameSums() error {
	ours, err := readSums("sums_daiban.csv")
	if err != nil {
		return err
	}
	theirs, err := readSums("sums_pandas.csv")
	if err != nil {
		return err
	}
	if len(ours) != len(theirs) {
		return fmt.Errorf("%d groups, pandas has %d", len(ours), len(theirs))
	}
	for key, v := range ours {
		if w, ok := theirs[key]; !ok || math.Abs(v-w) > 0.01 {
			return fmt.Errorf("group %s: %v, pandas has %v", key, v, w)
		}
	}
	return nil
}

func readSums(name string) (map[string]float64, error) {
	f, err := os.Open(filepath.Join(*cache, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	sums := map[string]float64{}
	for _, r := range records[1:] {
		if sums[r[0]+"/"+r[1]+"/"+r[3]], err = strconv.ParseFloat(r[2], 64); err != nil {
			return nil, err
		}
	}
	return sums, nil
}
