package cherry

// Region is a place where servers stand.
type Region struct {
	ID         int       `json:"id"`
	Name       string    `json:"name"`
	Slug       string    `json:"slug"`
	RegionISO2 string    `json:"region_iso_2"`
	BGP        RegionBGP `json:"bgp"`
	Location   string    `json:"location"`
	Href       string    `json:"href"`
}

// RegionBGP is whom to speak BGP with in a region.
type RegionBGP struct {
	Hosts []string `json:"hosts"`
	ASN   int      `json:"asn"`
}

// Plan is a kind of server that can be ordered.
type Plan struct {
	ID               int             `json:"id"`
	Name             string          `json:"name"`
	Slug             string          `json:"slug"`
	Custom           bool            `json:"custom"`
	Type             string          `json:"type"`
	Category         string          `json:"category"`
	Specs            Specs           `json:"specs"`
	Pricing          []Pricing       `json:"pricing"`
	AvailableRegions []PlanRegion    `json:"available_regions"`
	Softwares        []SoftwareImage `json:"softwares"`
}

// PlanRegion is a region with what is in stock there. An entry without any field of a region leaves the embedded one
// nil, and reading it crashes the plan data sources, here as there.
type PlanRegion struct {
	*Region
	StockQty int `json:"stock_qty"`
	SpotQty  int `json:"spot_qty"`
}

// Specs says what a plan's server is made of.
type Specs struct {
	CPUs      CPUs      `json:"cpus"`
	Memory    Memory    `json:"memory"`
	Storage   []Storage `json:"storage"`
	Raid      Named     `json:"raid"`
	NICs      Named     `json:"nics"`
	Bandwidth Named     `json:"bandwidth"`
}

// CPUs of a plan.
type CPUs struct {
	Count     int     `json:"count"`
	Name      string  `json:"name"`
	Cores     int     `json:"cores"`
	Frequency float32 `json:"frequency"`
	Unit      string  `json:"unit"`
}

// Memory of a plan.
type Memory struct {
	Count int    `json:"count"`
	Total int    `json:"total"`
	Unit  string `json:"unit"`
	Name  string `json:"name"`
}

// Storage of a plan.
type Storage struct {
	Count int     `json:"count"`
	Name  string  `json:"name"`
	Size  float32 `json:"size"`
	Unit  string  `json:"unit"`
}

// Named is a part of which the API says only the name.
type Named struct {
	Name string `json:"name"`
}

// Pricing of a plan or a server.
type Pricing struct {
	Price     float32 `json:"price"`
	UnitPrice float32 `json:"unit_price"`
	Taxed     bool    `json:"taxed"`
	Currency  string  `json:"currency"`
	Unit      string  `json:"unit"`
}

// SoftwareImage wraps the two names of an image in a plan.
type SoftwareImage struct {
	Image struct {
		Name string `json:"name"`
		Slug string `json:"slug"`
	} `json:"image"`
}

// Image can be installed on a plan's servers.
type Image struct {
	ID      int       `json:"id"`
	Name    string    `json:"name"`
	Slug    string    `json:"slug"`
	Pricing []Pricing `json:"pricing"`
}

// Cycle is a billing cycle.
type Cycle struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	Slug string `json:"slug"`
}

// Region reads one region by its slug, or by its id as text.
func (client *Client) Region(slugOrID string) (region Region, err error) {
	_, err = client.call("GET", "regions/"+slugOrID, nil, &region)
	return region, err
}

// Regions lists all regions.
func (client *Client) Regions() (regions []Region, err error) {
	_, err = client.call("GET", "regions", nil, &regions)
	return regions, err
}

// Plan reads one plan by its slug, or by its id as text.
func (client *Client) Plan(slugOrID string) (plan Plan, err error) {
	_, err = client.call("GET", "plans/"+slugOrID, nil, &plan)
	return plan, err
}

// Plans lists all plans.
func (client *Client) Plans() (plans []Plan, err error) {
	_, err = client.call("GET", "plans", nil, &plans)
	return plans, err
}

// ImagesOf lists what can be installed on a plan's servers.
func (client *Client) ImagesOf(planSlug string) (images []Image, err error) {
	_, err = client.call("GET", "plans/"+planSlug+"/images", nil, &images)
	return images, err
}

// Cycles lists the billing cycles.
func (client *Client) Cycles() (cycles []Cycle, err error) {
	_, err = client.call("GET", "cycles", nil, &cycles)
	return cycles, err
}
