package provider

import (
	"context"
	"strconv"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// regionData is the data source cherryservers_region: by slug or id. regionsData lists all.
type (
	regionData  struct{ lookup }
	regionsData struct{ lookup }
)

type regionModel struct {
	ID         int64          `tfsdk:"id"`
	Name       string         `tfsdk:"name"`
	Slug       string         `tfsdk:"slug"`
	RegionISO2 string         `tfsdk:"region_iso_2"`
	BGP        regionBGPModel `tfsdk:"bgp"`
}

type regionBGPModel struct {
	Hosts []string `tfsdk:"hosts"`
	ASN   int64    `tfsdk:"asn"`
}

func regionOf(region cherry.Region) regionModel {
	return regionModel{
		ID: int64(region.ID), Name: region.Name, Slug: region.Slug, RegionISO2: region.RegionISO2, BGP: regionBGPOf(region),
	}
}

func regionBGPOf(region cherry.Region) regionBGPModel {
	return regionBGPModel{Hosts: region.BGP.Hosts, ASN: int64(region.BGP.ASN)}
}

// regionAttributes describes a region; its slug and id can be configured where one is looked up.
func regionAttributes(lookedUp bool) reported {
	return reported{
		"id":           schema.Int64Attribute{Optional: lookedUp, Computed: true},
		"slug":         schema.StringAttribute{Optional: lookedUp, Computed: true},
		"name":         aText,
		"region_iso_2": aText,
		"bgp":          regionBGPAttribute(),
	}
}

func regionBGPAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Computed: true,
		Attributes: reported{
			"hosts": schema.ListAttribute{Computed: true, ElementType: types.StringType},
			"asn":   aNumber,
		},
	}
}

func (*regionData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_region"
}

func (*regionsData) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_regions"
}

func (*regionData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: regionAttributes(true)}
}

func (*regionsData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: reported{"regions": listOf(regionAttributes(false))}}
}

func (*regionData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return byIDOr("slug")
}

// Read reads one region by what was configured.
func (work *regionData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	wanted := slugOrID(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	region, err := work.client.Region(wanted)
	if err != nil {
		resp.Diagnostics.AddError("region read failed", err.Error())
		return
	}
	model := regionOf(region)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// Read lists the regions.
func (work *regionsData) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	regions, err := work.client.Regions()
	if err != nil {
		resp.Diagnostics.AddError("region list failed", err.Error())
		return
	}
	models := []regionModel{}
	for _, region := range regions {
		models = append(models, regionOf(region))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &struct {
		Regions []regionModel `tfsdk:"regions"`
	}{models})...)
}

// slugOrID gives whichever of the two is configured; an id as text.
func slugOrID(ctx context.Context, config tfsdk.Config, diagnostics *diag.Diagnostics) string {
	var slug types.String
	var id types.Int64
	diagnostics.Append(config.GetAttribute(ctx, path.Root("slug"), &slug)...)
	diagnostics.Append(config.GetAttribute(ctx, path.Root("id"), &id)...)
	return firstNonEmpty(slug.ValueString(), strconv.FormatInt(id.ValueInt64(), 10))
}

// listOf is a reported list of objects.
func listOf(element reported) schema.Attribute {
	return schema.ListNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: element}}
}

// objectOf is a reported object.
func objectOf(parts reported) schema.Attribute {
	return schema.SingleNestedAttribute{Computed: true, Attributes: parts}
}
