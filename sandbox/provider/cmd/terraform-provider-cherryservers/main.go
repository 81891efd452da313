// Command terraform-provider-cherryservers serves the stand-in to Terraform or OpenTofu.
package main

import (
	"context"
	"log"
	"os"

	"cogni.test/sandbox/provider/internal/provider"
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

func main() {
	pace, err := provider.PaceOf(os.Getenv(provider.SpeedVariable))
	if err != nil {
		log.Fatal(err)
	}
	err = providerserver.Serve(
		context.Background(),
		func() framework.Provider { return provider.New(pace) },
		providerserver.ServeOpts{Address: "registry.terraform.io/cherryservers/cherryservers"},
	)
	if err != nil {
		log.Fatal(err)
	}
}
