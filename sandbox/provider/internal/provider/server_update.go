package provider

import (
	"context"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Update re-installs the server where that is needed and allowed, then changes name, hostname and tags.
//
// That a re-installation is not allowed comes up only here, when the plan has been approved. And a re-installation that
// fails is reported but does not end the update: the new user_data and os_partition_size go into the state, and the next
// plan sees nothing to do.
func (work *serverResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var before, model serverModel
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if model.reinstalls(&before) {
		if !model.AllowReinstall.ValueBool() {
			resp.Diagnostics.AddError("allow_reinstall attribute not set",
				"A change of image, ssh_key_ids, user_data or os_partition_size re-installs the server and wipes its disk. "+
					"It is done only with allow_reinstall = true.")
			return
		}
		work.reinstall(ctx, &model, &resp.Diagnostics)
	}

	id := model.number()
	_, err := work.client.ChangeServer(id, cherry.ServerChange{
		Name:     model.Name.ValueString(),
		Hostname: model.Hostname.ValueString(),
		Tags:     tagsIn(ctx, model.Tags, &resp.Diagnostics),
	})
	if err != nil {
		resp.Diagnostics.AddError("unable to update a CherryServers server resource", err.Error())
		return
	}
	server, _, err := work.client.Server(id)
	if err != nil {
		resp.Diagnostics.AddError("unable to update a CherryServers server resource", err.Error())
		return
	}
	power, err := work.client.Power(server.ID)
	if err != nil {
		resp.Diagnostics.AddError(noPowerState, err.Error())
		return
	}
	resp.Diagnostics.Append(work.record(ctx, &model, server, power)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// reinstall wipes the disk and waits for the new system. The API's status may still read "deployed" from before at the
// first look; then this ends while the old system runs.
func (work *serverResource) reinstall(ctx context.Context, model *serverModel, diagnostics *diag.Diagnostics) {
	const failed = "unable to reinstall CherryServers server"
	password, err := newPassword()
	if err != nil {
		diagnostics.AddError(failed, err.Error())
		return
	}
	var problems diag.Diagnostics
	wish := cherry.Reinstall{
		Image:           model.Image.ValueString(),
		Hostname:        model.Hostname.ValueString(),
		Password:        password,
		Keys:            textsIn(ctx, model.KeyIDs, &problems),
		UserData:        userDataOf(model, &problems),
		OSPartitionSize: int(model.OSPartitionSize.ValueInt64()),
	}
	limit, limitProblems := model.Timeouts.Update(ctx, defaultTimeout)
	problems.Append(limitProblems...)
	diagnostics.Append(problems...)
	if problems.HasError() {
		return
	}
	server, err := work.client.ReinstallServer(model.number(), wish)
	if err != nil {
		diagnostics.AddError(failed, err.Error())
		return
	}
	err = work.pace.poll(limit, reinstallation, func() (string, error) { return work.client.ServerStatus(server.ID) })
	if err != nil {
		diagnostics.AddError(failed, err.Error())
	}
}
