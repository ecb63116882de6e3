// Places and ships an order by a client that oapi-codegen made.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"allot.test/client/api"
)

func must[T any](value *T, answer interface{ StatusCode() int }, err error, body []byte) *T {
	if err != nil {
		panic(err)
	}
	if value == nil {
		panic(fmt.Sprintf("%d %s", answer.StatusCode(), body))
	}
	return value
}

func same[T comparable](found, expected T) {
	if found != expected {
		panic(fmt.Sprintf("%v is not %v", found, expected))
	}
}

func pointer[T any](value T) *T { return &value }

func main() {
	run, sku := os.Getenv("ALLOT_RUN"), "mug-"+os.Getenv("ALLOT_RUN")
	ctx := context.Background()
	client, err := api.NewClientWithResponses(
		os.Getenv("ALLOT_URL"),
		api.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
			request.Header.Set("Authorization", "Bearer "+os.Getenv("ALLOT_KEY"))
			return nil
		}),
	)
	if err != nil {
		panic(err)
	}

	location, err := client.SaveLocationWithResponse(ctx, run, nil, api.LocationRequest{
		Name:    "A warehouse",
		Type:    api.LocationTypeWarehouse,
		Address: api.AddressInput{Country: "NL"},
	})
	must(location.JSON201, location, err, location.Body)
	adjusted, err := client.AdjustStockWithResponse(ctx, nil, api.AdjustmentRequest{
		LocationId: run,
		Reason:     "received",
		Changes:    []api.StockAdjustment{{Sku: sku, Delta: 3_000_000_000}},
	})
	must(adjusted.JSON200, adjusted, err, adjusted.Body)
	levels, err := client.ListStockWithResponse(ctx, &api.ListStockParams{Sku: &[]api.Listed100{sku}})
	stock := must(levels.JSON200, levels, err, levels.Body)
	same(stock.Data[0].OnHand, 3_000_000_000)
	same(stock.NextCursor, nil)

	order := func(externalId, sku string) api.PlaceOrderRequest {
		return api.PlaceOrderRequest{
			Channel:         "web",
			ExternalId:      externalId,
			Currency:        "EUR",
			Customer:        api.PlaceOrderCustomer{Name: "Ada Example"},
			ShippingAddress: &api.AddressInput{Country: "NL"},
			Lines: []api.PlaceOrderLine{{
				Sku:       sku,
				Quantity:  2,
				UnitPrice: api.MoneyInput{Amount: "12.50", Currency: "EUR"},
			}},
		}
	}
	none, err := client.PlaceOrderWithResponse(ctx, nil, order(run+"-none", "none-"+run))
	refused := must(none.ApplicationproblemJSON409, none, err, none.Body)
	same(refused.Type, "/problems/insufficient-stock")
	same((*refused.Shortages)[0].Available, 0)

	made, err := client.PlaceOrderWithResponse(
		ctx,
		&api.PlaceOrderParams{IdempotencyKey: pointer("place-" + run)},
		order(run, sku),
	)
	placed := must(made.JSON201, made, err, made.Body)
	same(placed.Totals.Total.Amount, "25.00")
	part := placed.FulfillmentOrders[0].Id

	accepted, err := client.AcceptFulfillmentOrderWithBodyWithResponse(ctx, part, nil, "", nil)
	must(accepted.JSON200, accepted, err, accepted.Body)
	pick, err := client.PickFulfillmentOrderWithResponse(
		ctx, part, nil, api.PickRequest{Lines: &[]api.LineQuantity{}},
	)
	picked := must(pick.JSON200, pick, err, pick.Body)
	same(picked.Lines[0].Picked, 2)
	pack, err := client.PackFulfillmentOrderWithResponse(ctx, part, nil, api.PackRequest{})
	must(pack.JSON200, pack, err, pack.Body)
	ship, err := client.ShipFulfillmentOrderWithResponse(
		ctx, part, nil, api.ShipRequest{Carrier: "DHL"},
	)
	must(ship.JSON200, ship, err, ship.Body)

	read, err := client.GetOrderWithResponse(ctx, placed.Id, nil)
	shipped := must(read.JSON200, read, err, read.Body)
	same(shipped.Status, api.OrderStatusShipped)
	same(shipped.Lines[0].Shipped, 2)
	fmt.Println("shipped", placed.Id)
}
