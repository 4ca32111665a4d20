using System.Globalization;
using System.Text;
using AiOs.Inference.Repository;

namespace AiOs.Inference.Metrics;

/// <summary>The metrics page in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats).</summary>
static class PrometheusPage
{
    /// <param name="repository">The models.</param>
    /// <param name="gpus">Null where there are none to tell of.</param>
    public static string Write(ModelRepository repository, Gpus? gpus)
    {
        (string Labels, ModelMetrics Metrics, int Waiting)[] versions =
            [.. from model in repository.All from version in model.Ready select ($"model=\"{version.Model}\",version=\"{version.Name}\"", version.Metrics, version.Queue.Waiting)];
        var page = new StringBuilder();
        Head("aios_inference_requests_total", "counter", "Requests by the HTTP status that they ended with.");
        foreach (var (labels, metrics, _) in versions)
            foreach (var (status, count) in metrics.Statuses)
                page.Append(CultureInfo.InvariantCulture, $"aios_inference_requests_total{{{labels},status=\"{status}\"}} {count}\n");
        Head("aios_inference_waiting", "gauge", "Requests that wait for a batch.");
        foreach (var (labels, _, waiting) in versions)
            page.Append(CultureInfo.InvariantCulture, $"aios_inference_waiting{{{labels}}} {waiting}\n");
        Histograms("aios_inference_queue_seconds", "What requests waited for a batch.", metrics => metrics.Queue);
        Histograms("aios_inference_run_seconds", "How long batches ran.", metrics => metrics.Inference);
        Histograms("aios_inference_batch_rows", "Rows in a batch.", metrics => metrics.BatchRows);
        if (gpus is not null)
        {
            Head("aios_inference_gpu_utilization", "gauge", "The share of the last moments in which a GPU worked.");
            foreach (var (index, share) in gpus.Read())
                page.Append(CultureInfo.InvariantCulture, $"aios_inference_gpu_utilization{{gpu=\"{index}\"}} {share}\n");
        }
        return page.ToString();

        void Head(string name, string kind, string help) => page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");

        void Histograms(string name, string help, Func<ModelMetrics, Histogram> of)
        {
            Head(name, "histogram", help);
            foreach (var (labels, metrics, _) in versions)
            {
                var histogram = of(metrics);
                var counts = histogram.Cumulative();
                for (var i = 0; i < counts.Length; i++)
                    page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels},le=\"{(i < histogram.Bounds.Count ? histogram.Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf")}\"}} {counts[i]}\n");
                page.Append(CultureInfo.InvariantCulture, $"{name}_sum{{{labels}}} {histogram.Sum}\n{name}_count{{{labels}}} {counts[^1]}\n");
            }
        }
    }
}
