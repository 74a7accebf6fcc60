/** The code of the guide's three `PythonCodeNode`s, verbatim and indented as it prints them. */
export const GUIDE_PYTHON = {
  dataCleaner: `
        import pandas as pd
        import numpy as np

        df = pd.DataFrame(data)

        # Remove duplicates
        df = df.drop_duplicates()

        # Handle missing values
        numeric_columns = df.select_dtypes(include=[np.number]).columns
        df[numeric_columns] = df[numeric_columns].fillna(df[numeric_columns].mean())

        categorical_columns = df.select_dtypes(include=['object']).columns
        df[categorical_columns] = df[categorical_columns].fillna(df[categorical_columns].mode().iloc[0])

        result = {
            'cleaned_data': df.to_dict('records'),
            'cleaning_summary': {
                'original_rows': len(data),
                'cleaned_rows': len(df),
                'duplicates_removed': len(data) - len(df),
                'columns_processed': len(df.columns)
            }
        }
        `,
  statisticalAnalyzer: `
        import pandas as pd
        import numpy as np
        from scipy import stats

        df = pd.DataFrame(cleaned_data)
        numeric_columns = df.select_dtypes(include=[np.number]).columns

        statistics = {}
        for col in numeric_columns:
            statistics[col] = {
                'mean': float(df[col].mean()),
                'median': float(df[col].median()),
                'std': float(df[col].std()),
                'min': float(df[col].min()),
                'max': float(df[col].max()),
                'skewness': float(stats.skew(df[col])),
                'kurtosis': float(stats.kurtosis(df[col]))
            }

        result = {
            'statistics': statistics,
            'data_shape': df.shape,
            'numeric_columns': list(numeric_columns),
            'categorical_columns': list(df.select_dtypes(include=['object']).columns)
        }
        `,
  correlationAnalyzer: `
        import pandas as pd
        import numpy as np

        df = pd.DataFrame(cleaned_data)
        numeric_df = df.select_dtypes(include=[np.number])

        if len(numeric_df.columns) > 1:
            correlation_matrix = numeric_df.corr()

            # Find strong correlations
            strong_correlations = []
            for i in range(len(correlation_matrix.columns)):
                for j in range(i+1, len(correlation_matrix.columns)):
                    corr_value = correlation_matrix.iloc[i, j]
                    if abs(corr_value) > 0.7:
                        strong_correlations.append({
                            'var1': correlation_matrix.columns[i],
                            'var2': correlation_matrix.columns[j],
                            'correlation': float(corr_value)
                        })

            result = {
                'correlation_matrix': correlation_matrix.to_dict(),
                'strong_correlations': strong_correlations,
                'correlation_summary': {
                    'total_pairs': len(correlation_matrix.columns) * (len(correlation_matrix.columns) - 1) // 2,
                    'strong_correlations_count': len(strong_correlations)
                }
            }
        else:
            result = {
                'correlation_matrix': {},
                'strong_correlations': [],
                'message': 'Insufficient numeric columns for correlation analysis'
            }
        `,
} as const;
