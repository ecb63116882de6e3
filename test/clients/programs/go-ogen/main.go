// Places and ships an order by a client that ogen made.
package main

import (
	"context"
	"fmt"
	"os"

	"allot.test/client/api"
)

type key string

func (k key) Key(context.Context, api.OperationName) (api.Key, error) {
	return api.Key{Token: string(k)}, nil
}

// The answer that was hoped for, of all that the operation has.
func must[T any](answer any, err error) T {
	if err != nil {
		panic(err)
	}
	value, ok := answer.(T)
	if !ok {
		panic(fmt.Sprintf("%T %+v", answer, answer))
	}
	return value
}

func same[T comparable](found, expected T) {
	if found != expected {
		panic(fmt.Sprintf("%v is not %v", found, expected))
	}
}

func main() {
	run := os.Getenv("ALLOT_RUN")
	sku := api.Sku("mug-" + run)
	ctx := context.Background()
	client, err := api.NewClient(os.Getenv("ALLOT_URL"), key(os.Getenv("ALLOT_KEY")))
	if err != nil {
		panic(err)
	}

	location, err := client.SaveLocation(ctx, &api.LocationRequest{
		Name:    "A warehouse",
		Type:    api.LocationTypeWarehouse,
		Address: api.AddressInput{Country: "NL"},
	}, api.SaveLocationParams{LocationId: api.Identifier(run)})
	must[*api.SaveLocationCreated](location, err)
	adjusted, err := client.AdjustStock(ctx, &api.AdjustmentRequest{
		LocationId: api.Identifier(run),
		Reason:     "received",
		Changes:    []api.StockAdjustment{{Sku: sku, Delta: 3_000_000_000}},
	}, api.AdjustStockParams{})
	must[*api.StockLevels](adjusted, err)
	levels, err := client.ListStock(ctx, api.ListStockParams{Sku: []api.Listed100{api.Listed100(sku)}})
	stock := must[*api.StockLevelPageHeaders](levels, err)
	same(stock.Response.Data[0].OnHand, 3_000_000_000)
	same(stock.Response.NextCursor.Null, true)

	order := func(externalId string, sku api.Sku) *api.PlaceOrderRequest {
		return &api.PlaceOrderRequest{
			Channel:         "web",
			ExternalId:      api.Identifier(externalId),
			Currency:        "EUR",
			Customer:        api.PlaceOrderCustomer{Name: "Ada Example"},
			ShippingAddress: api.NewOptAddressInput(api.AddressInput{Country: "NL"}),
			Lines: []api.PlaceOrderLine{{
				Sku:       sku,
				Quantity:  2,
				UnitPrice: api.MoneyInput{Amount: "12.50", Currency: "EUR"},
			}},
		}
	}
	none, err := client.PlaceOrder(ctx, order(run+"-none", api.Sku("none-"+run)), api.PlaceOrderParams{})
	refused := must[*api.PlaceOrderConflict](none, err)
	same(refused.Type, "/problems/insufficient-stock")
	same(refused.Shortages[0].Available, 0)

	made, err := client.PlaceOrder(ctx, order(run, sku), api.PlaceOrderParams{
		IdempotencyKey: api.NewOptString("place-" + run),
	})
	placed := must[*api.PlaceOrderCreatedHeaders](made, err).Response
	same(placed.Totals.Total.Amount, "25.00")
	part := api.Identifier(placed.FulfillmentOrders[0].ID)

	accepted, err := client.AcceptFulfillmentOrder(
		ctx, nil, api.AcceptFulfillmentOrderParams{FulfillmentOrderId: part},
	)
	must[*api.FulfillmentOrderHeaders](accepted, err)
	pick, err := client.PickFulfillmentOrder(
		ctx,
		api.NewOptPickRequest(api.PickRequest{Lines: []api.LineQuantity{}}),
		api.PickFulfillmentOrderParams{FulfillmentOrderId: part},
	)
	picked := must[*api.FulfillmentOrderHeaders](pick, err)
	same(picked.Response.Lines[0].Picked, 2)
	pack, err := client.PackFulfillmentOrder(
		ctx,
		api.NewOptPackRequest(api.PackRequest{}),
		api.PackFulfillmentOrderParams{FulfillmentOrderId: part},
	)
	must[*api.FulfillmentOrderHeaders](pack, err)
	ship, err := client.ShipFulfillmentOrder(
		ctx,
		&api.ShipRequest{Carrier: "DHL"},
		api.ShipFulfillmentOrderParams{FulfillmentOrderId: part},
	)
	must[*api.FulfillmentOrderHeaders](ship, err)

	read, err := client.GetOrder(ctx, api.GetOrderParams{OrderId: api.Identifier(placed.ID)})
	shipped := must[*api.OrderHeaders](read, err).Response
	same(shipped.Status, api.OrderStatusShipped)
	same(shipped.Lines[0].Shipped, 2)
	fmt.Println("shipped", placed.ID)
}
