package provider

import (
	"context"
	"strconv"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// serverModel is cherryservers_server as Terraform keeps it.
type serverModel struct {
	ID types.String `tfsdk:"id"`

	Plan      types.String `tfsdk:"plan"`
	ProjectID types.Int64  `tfsdk:"project_id"`
	Region    types.String `tfsdk:"region"`

	Name     types.String `tfsdk:"name"`
	Hostname types.String `tfsdk:"hostname"`
	Tags     types.Map    `tfsdk:"tags"`

	Image           types.String `tfsdk:"image"`
	KeyIDs          types.Set    `tfsdk:"ssh_key_ids"`
	UserData        types.String `tfsdk:"user_data"`
	OSPartitionSize types.Int64  `tfsdk:"os_partition_size"`
	AllowReinstall  types.Bool   `tfsdk:"allow_reinstall"`

	ExtraAddressIDs types.Set    `tfsdk:"extra_ip_addresses_ids"`
	AddressIDs      types.Set    `tfsdk:"ip_addresses_ids"`
	SpotInstance    types.Bool   `tfsdk:"spot_instance"`
	Cycle           types.String `tfsdk:"cycle"`
	DiscountCode    types.String `tfsdk:"discount_code"`

	State      types.String   `tfsdk:"state"`
	PowerState types.String   `tfsdk:"power_state"`
	Addresses  types.Set      `tfsdk:"ip_addresses"`
	Pricing    types.Object   `tfsdk:"pricing"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// addressModel is one entry of ip_addresses.
type addressModel struct {
	ID            string `tfsdk:"id"`
	Type          string `tfsdk:"type"`
	Address       string `tfsdk:"address"`
	AddressFamily int64  `tfsdk:"address_family"`
	CIDR          string `tfsdk:"cidr"`
}

var addressType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"id": types.StringType, "type": types.StringType, "address": types.StringType,
	"address_family": types.Int64Type, "cidr": types.StringType,
}}

// pricingModel holds what one unit of the billing cycle costs.
type pricingModel struct {
	Price    float32 `tfsdk:"price"`
	Currency string  `tfsdk:"currency"`
}

var pricingType = map[string]attr.Type{"price": types.Float32Type, "currency": types.StringType}

// number is the id as the API wants it; 0 for what is no number.
func (model *serverModel) number() int {
	id, _ := strconv.Atoi(model.ID.ValueString())
	return id
}

// reinstalls tells whether going from one to the other takes a re-installation.
func (model *serverModel) reinstalls(before *serverModel) bool {
	return !model.Image.Equal(before.Image) ||
		!model.KeyIDs.Equal(before.KeyIDs) ||
		!model.UserData.Equal(before.UserData) ||
		!model.OSPartitionSize.Equal(before.OSPartitionSize)
}

// record takes over what the API says of a server, its image's slug included, which takes a request. When that fails the
// image's name is recorded and the error comes along: the state is saved all the same, and a new server is tainted.
func (work session) record(ctx context.Context, model *serverModel, server cherry.Server, power string) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	image, err := work.imageSlug(server)
	if err != nil {
		diagnostics.AddError(noImageSlug, err.Error())
	}

	model.ID = types.StringValue(strconv.Itoa(server.ID))
	model.Plan = types.StringValue(server.Plan.Slug)
	model.ProjectID = types.Int64Value(int64(server.Project.ID))
	model.Region = types.StringValue(server.Region.Slug)
	model.Name = types.StringValue(server.Name)
	model.Hostname = types.StringValue(server.Hostname)
	model.Image = types.StringValue(image)
	model.SpotInstance = types.BoolValue(server.SpotInstance)
	model.State = types.StringValue(server.State)
	model.PowerState = types.StringValue(power)

	// Tags that the API sends as null become null here, which Terraform then calls an inconsistent result.
	var problems diag.Diagnostics
	model.Tags, problems = types.MapValueFrom(ctx, types.StringType, server.Tags)
	diagnostics.Append(problems...)
	model.KeyIDs, problems = types.SetValueFrom(ctx, types.StringType, keyIDsOf(server))
	diagnostics.Append(problems...)
	model.Addresses, problems = types.SetValueFrom(ctx, addressType, addressesOf(server))
	diagnostics.Append(problems...)
	model.Pricing, problems = types.ObjectValueFrom(ctx, pricingType, pricingOf(server))
	diagnostics.Append(problems...)
	return diagnostics
}

func keyIDsOf(server cherry.Server) []string {
	ids := []string{}
	for _, key := range server.Keys {
		ids = append(ids, strconv.Itoa(key.ID))
	}
	return ids
}

func addressesOf(server cherry.Server) []addressModel {
	addresses := []addressModel{}
	for _, ip := range server.Addresses {
		addresses = append(addresses, addressModel{
			ID: ip.ID, Type: ip.Type, Address: ip.Address, AddressFamily: int64(ip.AddressFamily), CIDR: ip.CIDR,
		})
	}
	return addresses
}

func pricingOf(server cherry.Server) pricingModel {
	return pricingModel{Price: server.Pricing.UnitPrice, Currency: server.Pricing.Currency}
}
