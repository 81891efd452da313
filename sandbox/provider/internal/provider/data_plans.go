package provider

import (
	"context"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// planData is the data source cherryservers_plan: by slug or id. plansData lists all.
type (
	planData  struct{ lookup }
	plansData struct{ lookup }
)

// planAttributes describes a plan; its slug and id can be configured where one is looked up.
func planAttributes(lookedUp bool) reported {
	aFraction := schema.Float64Attribute{Computed: true}
	region := regionAttributes(false)
	region["location"] = aText
	region["stock_qty"] = aNumber
	region["spot_qty"] = aNumber
	return reported{
		"id":   schema.Int64Attribute{Optional: lookedUp, Computed: true},
		"slug": schema.StringAttribute{Optional: lookedUp, Computed: true},
		"name": aText,
		"type": aText,
		"softwares": listOf(reported{
			"image": objectOf(reported{"name": aText, "slug": aText}),
		}),
		"pricing": listOf(reported{"unit": aText, "price": aFraction, "currency": aText}),
		"specs": objectOf(reported{
			"cpus": objectOf(reported{
				"count": aNumber, "name": aText, "cores": aNumber, "frequency": aFraction, "unit": aText,
			}),
			"memory":    objectOf(reported{"count": aNumber, "name": aText, "total": aNumber, "unit": aText}),
			"storage":   listOf(reported{"count": aNumber, "name": aText, "size": aNumber, "unit": aText}),
			"nics":      objectOf(reported{"name": aText}),
			"bandwidth": objectOf(reported{"name": aText}),
		}),
		"available_regions": listOf(region),
	}
}

func (*planData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_plan"
}

func (*plansData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_plans"
}

func (*planData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: planAttributes(true)}
}

func (*plansData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: reported{"plans": listOf(planAttributes(false))}}
}

func (*planData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return byIDOr("slug")
}

// Read reads one plan by what was configured.
func (work *planData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	wanted := slugOrID(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan, err := work.client.Plan(wanted)
	if err != nil {
		resp.Diagnostics.AddError("plan read failed", err.Error())
		return
	}
	model := planOf(plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Read lists the plans.
func (work *plansData) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	plans, err := work.client.Plans()
	if err != nil {
		resp.Diagnostics.AddError("plan list failed", err.Error())
		return
	}
	models := []planModel{}
	for _, plan := range plans {
		models = append(models, planOf(plan))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &struct {
		Plans []planModel `tfsdk:"plans"`
	}{models})...)
}

// planOf crashes on a region entry that has no field of a region, as the real provider does.
func planOf(plan cherry.Plan) planModel {
	model := planModel{
		ID: int64(plan.ID), Name: plan.Name, Slug: plan.Slug, Type: plan.Type,
		Softwares: []softwareModel{}, Pricing: []planPricingModel{}, AvailableRegions: []planRegionModel{},
		Specs: specsModel{
			CPUs: cpusModel{
				Count: int64(plan.Specs.CPUs.Count), Name: plan.Specs.CPUs.Name, Cores: int64(plan.Specs.CPUs.Cores),
				Frequency: float64(plan.Specs.CPUs.Frequency), Unit: plan.Specs.CPUs.Unit,
			},
			Memory: memoryModel{
				Count: int64(plan.Specs.Memory.Count), Name: plan.Specs.Memory.Name,
				Total: int64(plan.Specs.Memory.Total), Unit: plan.Specs.Memory.Unit,
			},
			Storage:   []storageModel{},
			NICs:      namedModel{plan.Specs.NICs.Name},
			Bandwidth: namedModel{plan.Specs.Bandwidth.Name},
		},
	}
	for _, storage := range plan.Specs.Storage {
		model.Specs.Storage = append(model.Specs.Storage, storageModel{
			Count: int64(storage.Count), Name: storage.Name, Size: int64(storage.Size), Unit: storage.Unit,
		})
	}
	for _, software := range plan.Softwares {
		model.Softwares = append(model.Softwares, softwareModel{imageModel{software.Image.Name, software.Image.Slug}})
	}
	for _, pricing := range plan.Pricing {
		model.Pricing = append(model.Pricing, planPricingModel{pricing.Unit, float64(pricing.Price), pricing.Currency})
	}
	for _, region := range plan.AvailableRegions {
		model.AvailableRegions = append(model.AvailableRegions, planRegionModel{
			ID: int64(region.ID), Name: region.Name, Slug: region.Slug, RegionISO2: region.RegionISO2,
			BGP: regionBGPOf(*region.Region), Location: region.Location,
			StockQty: int64(region.StockQty), SpotQty: int64(region.SpotQty),
		})
	}
	return model
}
