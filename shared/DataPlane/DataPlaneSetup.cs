using AiOs.DataPlane.Blobs;
using AiOs.DataPlane.Postgres;
using AiOs.DataPlane.Queues;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiOs.DataPlane;

/// <summary>Wires the stores: <c>AIOS_DATABASE</c> (a postgres:// URL; without it SQLite) and <c>AIOS_DATA_DIR</c> (default <c>.aios</c>).</summary>
public static class DataPlaneSetup
{
    /// <summary>Configuration key of the database's URL.</summary>
    public const string DatabaseKey = "AIOS_DATABASE";

    /// <summary>Configuration key of the data directory.</summary>
    public const string DataDirectoryKey = "AIOS_DATA_DIR";

    /// <summary>The SQLite connection string of a file.</summary>
    public static string SqliteFile(string path) => new SqliteConnectionStringBuilder { DataSource = path }.ToString();

    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="DataDirectory"/>, <see cref="Database"/>, <see cref="IBlobStore"/> and <see cref="IQueue"/>.
        /// Each folder adds its own <see cref="MigrationSet"/>; the host calls <see cref="Database.MigrateAsync"/> before it serves.</summary>
        public IServiceCollection AddDataPlane(IConfiguration configuration)
        {
            var url = configuration[DatabaseKey];
            var folder = configuration[DataDirectoryKey] is { Length: > 0 } given ? given : ".aios";
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton(_ => OpenDirectory(folder));
            services.AddSingleton(provider => OpenDatabase(url, provider));
            services.AddSingleton<IBlobStore, FileBlobs>();
            services.AddSingleton(QueueTables.Migrations);
            services.AddSingleton<DatabaseQueue>();
            services.AddSingleton<IQueue>(provider => provider.GetRequiredService<DatabaseQueue>());
            return services;
        }
    }

    static DataDirectory OpenDirectory(string folder)
    {
        var path = Path.GetFullPath(folder);
        OwnerOnly.CreateFolder(path);
        return new DataDirectory(path);
    }

    static Database OpenDatabase(string? url, IServiceProvider provider)
    {
        var migrations = provider.GetServices<MigrationSet>();
        var time = provider.GetRequiredService<TimeProvider>();
        if (string.IsNullOrWhiteSpace(url))
            return new Database(Dialect.Sqlite, SqliteFile(provider.GetRequiredService<DataDirectory>().File("aios.db")), migrations, time);
        if (!PostgresUrl.Is(url)) throw new FormatException($"{DatabaseKey} must be a URL that begins with postgres://, or absent for SQLite in the data directory.");
        return new Database(Dialect.Postgres, PostgresUrl.ToConnectionString(url), migrations, time);
    }
}
