// Command terraform-provider-null serves hashicorp/null's stand-in to Terraform or OpenTofu.
package main

import (
	"context"
	"log"

	"cogni.test/sandbox/provider/internal/null"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

func main() {
	err := providerserver.Serve(context.Background(), null.New, providerserver.ServeOpts{
		Address: "registry.terraform.io/hashicorp/null",
		// The real one speaks protocol 5.
		ProtocolVersion: 5,
	})
	if err != nil {
		log.Fatal(err)
	}
}
