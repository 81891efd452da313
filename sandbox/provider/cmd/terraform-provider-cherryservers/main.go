// Command terraform-provider-cherryservers serves the stand-in to Terraform or OpenTofu.
package main

import (
	"context"
	"log"

	"cogni.test/sandbox/provider/internal/provider"
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

func main() {
	err := providerserver.Serve(
		context.Background(),
		func() framework.Provider { return provider.New(provider.Pace{}) },
		providerserver.ServeOpts{Address: "registry.terraform.io/cherryservers/cherryservers"},
	)
	if err != nil {
		log.Fatal(err)
	}
}
