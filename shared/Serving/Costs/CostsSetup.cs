using AiOs.DataPlane;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Serving.Costs;

/// <summary>Wires budgets and costs.</summary>
static class CostsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="Budgets"/>, <see cref="BudgetList"/> and <see cref="CostReport"/> over one ledger.</summary>
        internal IServiceCollection AddCosts() => services
            .AddSingleton(CostTables.Migrations)
            .AddSingleton<Ledger>()
            .AddSingleton<BudgetList>()
            .AddSingleton(provider => new Budgets(provider.GetRequiredService<Ledger>()))
            .AddSingleton(provider => new CostReport(provider.GetRequiredService<Database>(), provider.GetRequiredService<Ledger>()));
    }
}
