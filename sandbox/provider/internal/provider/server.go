package provider

import (
	"context"
	"fmt"
	"strconv"

	"cogni.test/sandbox/provider/internal/cherry"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// serverResource is cherryservers_server.
type serverResource struct {
	session
}

func (*serverResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_server"
}

// Read refreshes with three requests: server, power, images of its plan. A server that is gone or terminating is dropped
// from the state; one whose host was silently replaced looks as it did before.
func (work *serverResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model serverModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id, err := strconv.Atoi(model.ID.ValueString())
	if err != nil {
		resp.Diagnostics.AddError("invalid server ID in state", err.Error())
		return
	}
	server, answer, err := work.client.Server(id)
	if err != nil && gone(answer) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("unable to read a CherryServers server resource", err.Error())
		return
	}
	if server.State == "terminating" {
		resp.State.RemoveResource(ctx)
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

// Delete asks once and does not wait for the end; a server that is gone already is an error.
func (work *serverResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model serverModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := work.client.DeleteServer(model.number()); err != nil {
		resp.Diagnostics.AddError("unable to delete a CherryServers server resource", err.Error())
	}
}

// ImportState takes the numeric id. What the API never says (user_data, os_partition_size, cycle, discount_code) is null
// afterwards, so a configuration that sets user_data plans a wipe right after an import.
func (*serverResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}

const (
	noPowerState = "unable to get CherryServers server power-state"
	noImageSlug  = "Unable to normalize CherryServers server image"
)

// imageSlug finds the slug of a server's image, which the API gives by name, in its plan's list. Where the list has no
// such name, the name comes back together with the error.
func (work session) imageSlug(server cherry.Server) (string, error) {
	images, err := work.client.ImagesOf(server.Plan.Slug)
	if err != nil {
		return server.Image, err
	}
	for _, image := range images {
		if image.Name == server.Image {
			return image.Slug, nil
		}
	}
	return server.Image, fmt.Errorf("could not find image slug for image with name `%s`", server.Image)
}
