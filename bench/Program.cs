using AiOs.Bench;
using AiOs.Local.CommandLine;

return await AiOsCommand.RunAsync(BenchCommand.Create(), args);
