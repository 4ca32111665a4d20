using AiOs.DataPlane;
using AiOs.Functions;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseAiOs();
builder.Services.AddAiOs(builder.Configuration);
var app = builder.Build();
await app.Services.GetRequiredService<Database>().MigrateAsync(CancellationToken.None);
await app.RunAsync();
