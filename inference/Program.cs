using AiOs.Inference;
using AiOs.Inference.Http;

// Open Inference Protocol v2 over the models in a folder. `--help` lists the settings.
if (args is ["--help" or "-h" or "-?", ..])
{
    Console.WriteLine(Usage.Text);
    return 0;
}
try
{
    var configuration = new ConfigurationBuilder().AddEnvironmentVariables("AIOS_INFERENCE_").AddCommandLine(Usage.Checked(args)).Build();
    await using var server = await InferenceServer.StartAsync(InferenceOptions.From(configuration), TimeProvider.System);
    Console.WriteLine($"The inference server listens on {server.Url}");
    await server.LoadAsync();
    await server.WaitForShutdownAsync();
    return 0;
}
catch (Exception e) when (e is InvalidOperationException or IOException or FormatException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
