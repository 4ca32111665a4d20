using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Tests.Durable;

/// <summary>Log lines as they were written.</summary>
sealed class Lines : ILoggerFactory
{
    readonly ConcurrentQueue<(string Category, string Text)> written = [];

    public IEnumerable<string> Of(string category) => written.Where(line => line.Category == category).Select(line => line.Text);

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, written);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    sealed class Logger(string category, ConcurrentQueue<(string Category, string Text)> written) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            written.Enqueue((category, formatter(state, exception)));
    }
}
