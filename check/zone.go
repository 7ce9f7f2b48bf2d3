package check

import (
	"strings"
	"time"

	"daiban/flow"
)

// cities is the time zones of cities that are not called as the zone is, or are not in its name.
var cities = map[string]string{
	"北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "中国": "Asia/Shanghai", "深圳": "Asia/Shanghai", "广州": "Asia/Shanghai",
	"香港": "Asia/Hong_Kong", "台北": "Asia/Taipei", "东京": "Asia/Tokyo", "首尔": "Asia/Seoul", "新加坡": "Asia/Singapore",
	"伦敦": "Europe/London", "巴黎": "Europe/Paris", "柏林": "Europe/Berlin", "纽约": "America/New_York", "洛杉矶": "America/Los_Angeles", "悉尼": "Australia/Sydney",
	"beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "shenzhen": "Asia/Shanghai", "tokyo": "Asia/Tokyo", "japan": "Asia/Tokyo",
	"singapore": "Asia/Singapore", "india": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "uk": "Europe/London",
	"munich": "Europe/Berlin", "frankfurt": "Europe/Berlin", "hamburg": "Europe/Berlin", "geneva": "Europe/Zurich", "milan": "Europe/Rome", "barcelona": "Europe/Madrid",
	"san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles", "boston": "America/New_York", "washington": "America/New_York",
	"eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver", "pacific": "America/Los_Angeles",
	"est": "America/New_York", "pst": "America/Los_Angeles", "cet": "Europe/Paris", "gmt": "Etc/UTC", "utc": "Etc/UTC",
}

var continents = []string{"Asia/", "Europe/", "America/", "Australia/", "Africa/", "Pacific/", "Atlantic/", "Indian/"}

// zoneOf is the time zone that name means: its own name, or a city's.
func zoneOf(name string) (string, bool) {
	name = strings.TrimSpace(name)
	if name == "" || name == "Local" {
		return "", false
	}
	if z, ok := cities[strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(name), " time"), "时间")]; ok {
		return z, true
	}
	if _, err := time.LoadLocation(name); err == nil {
		return name, true
	}
	city := titled(strings.TrimSuffix(strings.ToLower(name), " time"))
	for _, c := range continents {
		if _, err := time.LoadLocation(c + city); err == nil {
			return c + city, true
		}
	}
	return "", false
}

// titled is a city as zones write it: new york -> New_York.
func titled(s string) string {
	parts := strings.Fields(s)
	for i, p := range parts {
		r := []rune(p)
		parts[i] = strings.ToUpper(string(r[:1])) + string(r[1:])
	}
	return strings.Join(parts, "_")
}

// zone checks and binds a time zone.
func (c *checker) zone(a *flow.Arg, name string) {
	own, ok := zoneOf(name)
	if !ok {
		c.bad(a.Pos, "没有时区“%s”；写成 Asia/Shanghai、Europe/London 这样", "there is no time zone “%s”; write it as Asia/Shanghai or Europe/London", short(name))
		return
	}
	if own != name {
		c.info(a.Pos, "时区“%s” → %s", "time zone “%s” → %s", name, own)
		a.Value = &flow.Lit{Pos: a.Value.At(), Value: flow.Text(own)}
	}
}
