"""Places and ships an order by a client that openapi-python-client made."""

import os

from allot.api.catalog import save_location
from allot.api.fulfillment import (
    accept_fulfillment_order,
    pack_fulfillment_order,
    pick_fulfillment_order,
    ship_fulfillment_order,
)
from allot.api.inventory import adjust_stock, list_stock
from allot.api.orders import get_order, place_order
from allot.client import AuthenticatedClient
from allot.models import (
    AddressInput,
    AdjustmentRequest,
    FulfillmentOrder,
    Location,
    LocationRequest,
    LocationType,
    MoneyInput,
    Order,
    OrderStatus,
    PickRequest,
    PackRequest,
    PlaceOrderCustomer,
    PlaceOrderLine,
    PlaceOrderRequest,
    Problem,
    ShipRequest,
    StockAdjustment,
    StockLevelPage,
    StockLevels,
)

run = os.environ["ALLOT_RUN"]
client = AuthenticatedClient(base_url=os.environ["ALLOT_URL"], token=os.environ["ALLOT_KEY"])
sku = f"mug-{run}"


def done(answer, kind):
    assert isinstance(answer, kind), answer
    return answer


done(
    save_location.sync(
        run,
        client=client,
        body=LocationRequest(
            name="A warehouse",
            type_=LocationType.WAREHOUSE,
            address=AddressInput(country="NL"),
        ),
    ),
    Location,
)
done(
    adjust_stock.sync(
        client=client,
        body=AdjustmentRequest(
            location_id=run,
            reason="received",
            changes=[StockAdjustment(sku=sku, delta=3_000_000_000)],
        ),
    ),
    StockLevels,
)
stock = done(list_stock.sync(client=client, sku=sku), StockLevelPage)
assert stock.data[0].on_hand == 3_000_000_000, stock
assert stock.next_cursor is None, stock


def order(external_id, of):
    return PlaceOrderRequest(
        channel="web",
        external_id=external_id,
        currency="EUR",
        customer=PlaceOrderCustomer(name="Ada Example"),
        shipping_address=AddressInput(country="NL"),
        lines=[
            PlaceOrderLine(
                sku=of, quantity=2, unit_price=MoneyInput(amount="12.50", currency="EUR")
            )
        ],
    )


refused = done(place_order.sync(client=client, body=order(f"{run}-none", f"none-{run}")), Problem)
assert refused.type_ == "/problems/insufficient-stock", refused
assert refused.shortages[0].available == 0, refused

placed = done(
    place_order.sync(client=client, body=order(run, sku), idempotency_key=f"place-{run}"), Order
)
assert placed.totals.total.amount == "25.00", placed
part = placed.fulfillment_orders[0].id
done(accept_fulfillment_order.sync(part, client=client), FulfillmentOrder)
picked = done(
    pick_fulfillment_order.sync(part, client=client, body=PickRequest(lines=[])), FulfillmentOrder
)
assert picked.lines[0].picked == 2, picked
done(pack_fulfillment_order.sync(part, client=client, body=PackRequest()), FulfillmentOrder)
done(
    ship_fulfillment_order.sync(part, client=client, body=ShipRequest(carrier="DHL")),
    FulfillmentOrder,
)

shipped = done(get_order.sync(placed.id, client=client), Order)
assert shipped.status == OrderStatus.SHIPPED, shipped
assert shipped.lines[0].shipped == 2, shipped
print(f"shipped {placed.id}")
