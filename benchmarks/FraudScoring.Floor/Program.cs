// What a score cannot be cheaper than: FraudScoring.Floor GRPC_PORT REDIS_ADDRESS
using System.Globalization;
using System.Net;
using FraudScoring.Floor;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
var port = int.Parse(args[0], CultureInfo.InvariantCulture);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
builder.Services.AddGrpc();
await using var redis = await ConnectionMultiplexer.ConnectAsync(args[1]);
var database = redis.GetDatabase();
await FloorScorer.FillAsync(database);
builder.Services.AddSingleton(new FloorScorer(database, FloorScorer.Open(Path.Combine(AppContext.BaseDirectory, "tree.onnx"))));
await using var app = builder.Build();
app.MapGrpcService<FloorScorer>();
await app.RunAsync();
