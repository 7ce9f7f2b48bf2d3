package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/xuri/excelize/v2"
)

var words = map[string]map[string][]string{
	"en": {
		"first":   {"John", "Jane", "Albert", "Mary-Ann", "Siobhán", "Lara", "D'Arcy", "Zoë"},
		"last":    {"Smith", "Dorsey", "O'Neill", "van der Berg", "Robertson", "Derrick", "Müller", "Palmer"},
		"company": {"IT Solutions", "MediCare", "Waterfront", "Timepath Inc.", `"Aperture" & Sons`, "Sugarwell", "Name Role Ltd", "A/S Øst"},
		"role":    {"Analyst", "Medical Engineer", "Accountant", "IT Specialist", "Scientist", "HR Manager", "R&D <lead>", "Advisor"},
		"address": {"North Road", "Crown Street", "Guild Street, Flat 2", "Farburn Terrace", "Shire Oak Road", "White Rabbit Street"},
	},
	"zh": {
		"first":   {"伟", "芳", "秀英", "娜", "静", "磊", "洋", "艳"},
		"last":    {"王", "李", "欧阳", "刘", "陈", "司马", "赵", "黄"},
		"company": {"上海宏图贸易有限公司", "北京云帆科技（集团）", "广州“白云”物流", "成都天府软件", "名姓咨询", "杭州湖畔电商"},
		"role":    {"分析师", "会计", "采购经理", "工程师", "人事专员", "销售总监", "研发<主管>"},
		"address": {"南京路", "长安街", "天河路 2 单元", "人民南路", "文三路"},
	},
}

// people is the rows of a run: what the page must have got.
func people(lang string, rnd *rand.Rand) []map[string]string {
	w := words[lang]
	pick := func(k string) string { return w[k][rnd.IntN(len(w[k]))] }
	out := make([]map[string]string, rounds)
	for i := range out {
		p := map[string]string{"email": fmt.Sprintf("p%d.%d@example.com", i, rnd.IntN(1000))}
		for _, k := range []string{"first", "last", "company", "role"} {
			p[k] = pick(k)
		}
		p["address"] = fmt.Sprintf("%d %s", 1+rnd.IntN(99), pick("address"))
		p["phone"] = strconv.Itoa(40700000000 + rnd.IntN(99999999))
		if lang == "zh" {
			p["address"] = fmt.Sprintf("%s %d 号", pick("address"), 1+rnd.IntN(99))
			p["phone"] = fmt.Sprintf("021-%08d", 50000000+rnd.IntN(9999999))
		}
		out[i] = p
	}
	return out
}

// workbook writes the rows under the edition's headers; a telephone number without signs is a number, as
// in the original.
func workbook(path string, e edition, rows []map[string]string) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetRow("Sheet1", "A1", &e.headers); err != nil {
		return err
	}
	for i, row := range rows {
		cells := make([]any, len(keys))
		for k, key := range keys {
			cells[k] = row[key]
			if n, err := strconv.Atoi(row[key]); err == nil && key == "phone" {
				cells[k] = n
			}
		}
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &cells); err != nil {
			return err
		}
	}
	return f.SaveAs(path)
}
