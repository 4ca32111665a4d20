using AiOs.Local.CommandLine;

return await AiOsCommand.RunAsync(args);
