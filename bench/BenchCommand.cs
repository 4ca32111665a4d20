using System.CommandLine;
using System.CommandLine.Help;
using AiOs.Bench.Engine;
using AiOs.Bench.Gateway;
using AiOs.Bench.Retrieval;
using AiOs.Bench.Http;
using AiOs.Bench.Inference;
using AiOs.Bench.Serving;

namespace AiOs.Bench;

/// <summary><c>aios bench</c>: one command a subject, each with --json.</summary>
static class BenchCommand
{
    /// <summary>The root, so that the words are the same as in the command line that the user typed.</summary>
    public static Command Create() => new("aios")
    {
        new HelpOption(),
        new Command("bench", "Measures this machine. Every figure is a median with its spread, beside what the disk and the machine did in the same run.")
        {
            EngineCommand.Create(),
            RetrievalCommand.Create(),
            WakeCommand.Create(),
            HttpCommand.Create(),
            InferenceCommand.Create(),
            BudgetsCommand.Create(),
            HostCommand.Create(),
            GatewayCommand.Create(),
            GatewayHosts.Upstream(),
            GatewayHosts.Host(),
        },
    };
}
