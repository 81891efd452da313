package provider

// planModel is a plan as the plan data sources report it.
type planModel struct {
	ID               int64              `tfsdk:"id"`
	Name             string             `tfsdk:"name"`
	Slug             string             `tfsdk:"slug"`
	Type             string             `tfsdk:"type"`
	Softwares        []softwareModel    `tfsdk:"softwares"`
	Pricing          []planPricingModel `tfsdk:"pricing"`
	Specs            specsModel         `tfsdk:"specs"`
	AvailableRegions []planRegionModel  `tfsdk:"available_regions"`
}

type softwareModel struct {
	Image imageModel `tfsdk:"image"`
}

type imageModel struct {
	Name string `tfsdk:"name"`
	Slug string `tfsdk:"slug"`
}

type planPricingModel struct {
	Unit     string  `tfsdk:"unit"`
	Price    float64 `tfsdk:"price"`
	Currency string  `tfsdk:"currency"`
}

type specsModel struct {
	CPUs      cpusModel      `tfsdk:"cpus"`
	Memory    memoryModel    `tfsdk:"memory"`
	Storage   []storageModel `tfsdk:"storage"`
	NICs      namedModel     `tfsdk:"nics"`
	Bandwidth namedModel     `tfsdk:"bandwidth"`
}

type cpusModel struct {
	Count     int64   `tfsdk:"count"`
	Name      string  `tfsdk:"name"`
	Cores     int64   `tfsdk:"cores"`
	Frequency float64 `tfsdk:"frequency"`
	Unit      string  `tfsdk:"unit"`
}

type memoryModel struct {
	Count int64  `tfsdk:"count"`
	Name  string `tfsdk:"name"`
	Total int64  `tfsdk:"total"`
	Unit  string `tfsdk:"unit"`
}

type storageModel struct {
	Count int64  `tfsdk:"count"`
	Name  string `tfsdk:"name"`
	Size  int64  `tfsdk:"size"`
	Unit  string `tfsdk:"unit"`
}

type namedModel struct {
	Name string `tfsdk:"name"`
}

type planRegionModel struct {
	ID         int64          `tfsdk:"id"`
	Name       string         `tfsdk:"name"`
	Slug       string         `tfsdk:"slug"`
	RegionISO2 string         `tfsdk:"region_iso_2"`
	BGP        regionBGPModel `tfsdk:"bgp"`
	Location   string         `tfsdk:"location"`
	StockQty   int64          `tfsdk:"stock_qty"`
	SpotQty    int64          `tfsdk:"spot_qty"`
}
