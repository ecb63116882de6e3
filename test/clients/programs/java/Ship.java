// Places and ships an order by a client that openapi-generator made.
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Objects;
import test.allot.api.CatalogApi;
import test.allot.api.FulfillmentApi;
import test.allot.api.InventoryApi;
import test.allot.api.OrdersApi;
import test.allot.client.ApiClient;
import test.allot.client.ApiException;
import test.allot.model.AddressInput;
import test.allot.model.AdjustmentRequest;
import test.allot.model.LocationRequest;
import test.allot.model.LocationType;
import test.allot.model.MoneyInput;
import test.allot.model.OrderStatus;
import test.allot.model.PackRequest;
import test.allot.model.PickRequest;
import test.allot.model.PlaceOrderCustomer;
import test.allot.model.PlaceOrderLine;
import test.allot.model.PlaceOrderRequest;
import test.allot.model.Problem;
import test.allot.model.ShipRequest;
import test.allot.model.StockAdjustment;

public class Ship {
  static final String run = System.getenv("ALLOT_RUN");
  static final String sku = "mug-" + run;

  static void same(Object found, Object expected) {
    if (!Objects.equals(found, expected)) throw new AssertionError(found + " is not " + expected);
  }

  static PlaceOrderRequest order(String externalId, String sku) {
    return new PlaceOrderRequest()
        .channel("web")
        .externalId(externalId)
        .currency("EUR")
        .customer(new PlaceOrderCustomer().name("Ada Example"))
        .shippingAddress(new AddressInput().country("NL"))
        .addLinesItem(
            new PlaceOrderLine()
                .sku(sku)
                .quantity(2L)
                .unitPrice(new MoneyInput().amount("12.50").currency("EUR")));
  }

  public static void main(String[] args) throws Exception {
    var client = new ApiClient();
    client.updateBaseUri(System.getenv("ALLOT_URL"));
    // Over plain HTTP it would offer another protocol with each body.
    client.setHttpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + System.getenv("ALLOT_KEY")));
    var catalog = new CatalogApi(client);
    var inventory = new InventoryApi(client);
    var orders = new OrdersApi(client);
    var fulfillment = new FulfillmentApi(client);

    catalog.saveLocation(
        run,
        new LocationRequest()
            .name("A warehouse")
            .type(LocationType.WAREHOUSE)
            .address(new AddressInput().country("NL")),
        null,
        null);
    inventory.adjustStock(
        new AdjustmentRequest()
            .locationId(run)
            .reason("received")
            .addChangesItem(new StockAdjustment().sku(sku).delta(3_000_000_000L)),
        null);
    var stock = inventory.listStock(null, null, List.of(sku), null);
    same(stock.getData().get(0).getOnHand(), 3_000_000_000L);
    same(stock.getNextCursor(), null);

    try {
      orders.placeOrder(order(run + "-none", "none-" + run), null);
      throw new AssertionError("there is no stock for it");
    } catch (ApiException refused) {
      same(refused.getCode(), 409);
      var problem = new ObjectMapper().readValue(refused.getResponseBody(), Problem.class);
      same(problem.getType(), "/problems/insufficient-stock");
      same(problem.getShortages().get(0).getAvailable(), 0L);
    }

    var placed = orders.placeOrder(order(run, sku), "place-" + run);
    same(placed.getTotals().getTotal().getAmount(), "25.00");
    var part = placed.getFulfillmentOrders().get(0).getId();
    fulfillment.acceptFulfillmentOrder(part, null, null, null);
    var picked = fulfillment.pickFulfillmentOrder(part, null, null, new PickRequest().lines(List.of()));
    same(picked.getLines().get(0).getPicked(), 2L);
    fulfillment.packFulfillmentOrder(part, null, null, new PackRequest());
    fulfillment.shipFulfillmentOrder(part, new ShipRequest().carrier("DHL"), null, null);

    var shipped = orders.getOrder(placed.getId(), null);
    same(shipped.getStatus(), OrderStatus.SHIPPED);
    same(shipped.getLines().get(0).getShipped(), 2L);
    System.out.println("shipped " + placed.getId());
  }
}
