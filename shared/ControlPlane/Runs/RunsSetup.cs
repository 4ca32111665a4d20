using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Schedules;
using AiOs.ControlPlane.Switches;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.ControlPlane.Runs;

/// <summary>Wires the way of a message: admission, runs, conversations, schedules, switches.</summary>
public static class RunsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="Admission.Admission"/>, <see cref="Runs"/>, <see cref="Conversations.Conversations"/>, <see cref="ScheduleSweep"/> and <see cref="KillSwitch"/>; needs an <see cref="IPlans"/>.</summary>
        public IServiceCollection AddRuns(IConfiguration configuration) => services
            .AddSingleton(RunTables.Migrations)
            .AddSingleton(Conversations.HandOffs.Migrations)
            .AddSingleton(KillSwitch.Migrations)
            .AddSingleton(ScheduleSweep.Migrations)
            .AddSingleton(_ => RateLimitOptions.From(configuration))
            .AddSingleton<RateLimit>()
            .AddSingleton<RunSignals>()
            .AddSingleton<Runs>()
            .AddSingleton<RunSpans>()
            .AddSingleton<StepJournal>()
            .AddSingleton<OutcomeBuilder>()
            .AddSingleton<Understanding>()
            .AddSingleton<Detection>()
            .AddSingleton<Conversations.Conversations>()
            .AddSingleton<Conversations.TurnReader>()
            .AddSingleton<Conversations.TurnEnds>()
            .AddSingleton<Conversations.HandOffs>()
            .AddSingleton<KillSwitch>()
            .AddSingleton<Admission.Admission>()
            .AddSingleton<ScheduleSweep>();
    }
}
