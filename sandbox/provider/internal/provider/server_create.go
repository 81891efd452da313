package provider

import (
	"context"
	"encoding/base64"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Create orders a server, waits for it, names it and reads it.
//
// The state is written at the very end. Whatever fails after the order was placed leaves a running server that Terraform
// does not know, and the next apply orders another one of the same name.
func (work *serverResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model serverModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	order := orderOf(ctx, &model, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	server, err := work.client.CreateServer(order)
	if err != nil {
		resp.Diagnostics.AddError("unable to create a CherryServers server resource", err.Error())
		return
	}

	limit, problems := model.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(problems...)
	if resp.Diagnostics.HasError() {
		return
	}
	err = work.pace.poll(limit, deployment, func() (string, error) { return work.client.ServerState(server.ID) })
	if err != nil {
		resp.Diagnostics.AddError("unable to deploy CherryServers server", err.Error())
		return
	}

	power, err := work.client.Power(server.ID)
	if err != nil {
		resp.Diagnostics.AddError(noPowerState, err.Error())
		return
	}
	// An order takes no name. The id in this answer is the one that is read next.
	server, err = work.client.ChangeServer(server.ID, cherry.ServerChange{Name: model.Name.ValueString()})
	if err != nil {
		resp.Diagnostics.AddError("unable to update a CherryServers server resource with its name after its creation", err.Error())
		return
	}
	server, _, err = work.client.Server(server.ID)
	if err != nil {
		resp.Diagnostics.AddError("unable to read a CherryServers server resource", err.Error())
		return
	}
	resp.Diagnostics.Append(work.record(ctx, &model, server, power)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func orderOf(ctx context.Context, model *serverModel, diagnostics *diag.Diagnostics) cherry.ServerOrder {
	addresses := model.ExtraAddressIDs
	if addresses.IsNull() {
		addresses = model.AddressIDs
	}
	return cherry.ServerOrder{
		ProjectID:       int(model.ProjectID.ValueInt64()),
		Plan:            model.Plan.ValueString(),
		Hostname:        model.Hostname.ValueString(),
		Image:           model.Image.ValueString(),
		Region:          model.Region.ValueString(),
		Keys:            textsIn(ctx, model.KeyIDs, diagnostics),
		Addresses:       textsIn(ctx, addresses, diagnostics),
		UserData:        userDataOf(model, diagnostics),
		Tags:            tagsIn(ctx, model.Tags, diagnostics),
		SpotMarket:      model.SpotInstance.ValueBool(),
		OSPartitionSize: int(model.OSPartitionSize.ValueInt64()),
		Cycle:           model.Cycle.ValueString(),
		Discount:        model.DiscountCode.ValueString(),
	}
}

// userDataOf gives the user data as configured. That it is standard base64 is looked at here, during apply, and not when
// the plan is made.
func userDataOf(model *serverModel, diagnostics *diag.Diagnostics) string {
	text := model.UserData.ValueString()
	if _, err := base64.StdEncoding.DecodeString(text); err != nil {
		diagnostics.AddError("unable to read user data", err.Error())
	}
	return text
}

// textsIn gives a set's elements; none for one that is null or unknown.
func textsIn(ctx context.Context, set types.Set, diagnostics *diag.Diagnostics) []string {
	if set.IsNull() || set.IsUnknown() {
		return nil
	}
	texts := []string{}
	diagnostics.Append(set.ElementsAs(ctx, &texts, false)...)
	return texts
}

// tagsIn gives a map's entries, {} included; nothing is sent for one that is null or unknown.
func tagsIn(ctx context.Context, entries types.Map, diagnostics *diag.Diagnostics) *map[string]string {
	if entries.IsNull() || entries.IsUnknown() {
		return nil
	}
	tags := map[string]string{}
	diagnostics.Append(entries.ElementsAs(ctx, &tags, false)...)
	return &tags
}
