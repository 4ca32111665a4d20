using AiOs.Inference.Metrics;
using AiOs.Inference.Repository;

namespace AiOs.Inference.Tests;

/// <summary>Where there is no GPU, nothing speaks of one.</summary>
public sealed class GpuTests
{
    [Fact]
    public async Task Without_CUDA_the_metrics_have_no_GPU()
    {
        await using var server = await Server.StartAsync(own => own.Put("product", 1, SmallModel.Product()));
        var page = (string)(await server.Client.GetAsync("metrics")).Json!;
        Assert.Contains("aios_inference_waiting", page, StringComparison.Ordinal);
        Assert.DoesNotContain("gpu", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_library_of_the_driver_tells_of_each_GPU()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/cc"), "A library that answers as NVIDIA's is built with cc.");
        using var folder = new TemporaryFolder();
        var (source, library) = (folder.File("nvml.c"), folder.File("libnvidia-ml.so.1"));
        await File.WriteAllTextAsync(source, """
            typedef struct { unsigned int gpu, memory; } nvmlUtilization_t;
            int nvmlInit_v2(void) { return 0; }
            int nvmlShutdown(void) { return 0; }
            int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 3; return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **device) { *device = (void *)(long)(index + 1); return index == 1 ? 4 : 0; }
            int nvmlDeviceGetUtilizationRates(void *device, nvmlUtilization_t *rates) { rates->gpu = 12 + (unsigned int)(long)device; rates->memory = 99; return 0; }
            """);
        using (var cc = System.Diagnostics.Process.Start("/usr/bin/cc", ["-shared", "-fPIC", "-o", library, source]))
            await cc.WaitForExitAsync();
        using var gpus = Gpus.Open(library);
        Assert.Equal([(0, 0.13), (2, 0.15)], gpus!.Read());   // the second may not be asked
    }

    [Fact]
    public void Models_on_the_CPU_ask_no_library() => Assert.Null(Gpus.Find(new ExecutionProvider("CPU", "as configured")));

    [Theory]
    [InlineData("no-such-library-of-anybody.so")]
    [InlineData("libc.so.6")]   // loads, and is another one
    [InlineData("kernel32.dll")]
    public void A_library_that_is_not_there_or_another_one_is_no_error(string name) => Assert.Null(Gpus.Open(name));
}
